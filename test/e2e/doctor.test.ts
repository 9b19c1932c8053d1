import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../start/free-port.ts';
import { projectRoot } from '../../start/project-root.ts';
import { cleanEnvironment } from '../support/running-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

interface Row {
  readonly name: string;
  readonly status: string;
  readonly found: string;
  readonly fix?: string;
}

let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  env = { ...cleanEnvironment(), DATA_DIR: join(folder.path, 'data') };
  for (const name of ['API_PORT', 'ORDERS_PORT', 'PAYMENTS_PORT', 'KAFKA_PORT', 'POSTGRES_PORT']) {
    env[name] = String(await freePort());
  }
});

afterAll(() => {
  folder.remove();
});

function doctor(
  more: NodeJS.ProcessEnv = {},
  root = projectRoot(),
): { code: number | null; row: (name: string) => Row } {
  const program = join(root, 'doctor', 'doctor.js');
  const run = spawnSync(process.execPath, [program, '--json'], { env: { ...env, ...more }, encoding: 'utf8' });
  const { rows } = JSON.parse(run.stdout) as { rows: Row[] };
  const row = (name: string): Row => {
    const found = rows.find((each) => each.name === name);
    if (found === undefined) throw new Error(`No row ${name} in ${run.stdout}`);
    return found;
  };
  return { code: run.status, row };
}

test('a machine without Java is told what to install; one with a Kafka elsewhere needs none', () => {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  const without = { PATH: bin, JAVA_HOME: '' };
  const { code, row } = doctor(without);
  expect(code).toBe(1);
  expect(row('Java')).toMatchObject({ status: 'fail', found: 'not found' });
  expect(row('Java').fix).toContain('openjdk-17');
  expect(row('npm')).toMatchObject({ status: 'fail', found: 'not found' });
  expect(doctor({ ...without, KAFKA_BROKERS: '127.0.0.1:1' }).row('Java').status).toBe('ok');
});

test('a port that is taken is shown with its owner, and what to do', async () => {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const port = (server.address() as AddressInfo).port;
    const { code, row } = doctor({ API_PORT: String(port), KAFKA_PORT: String(port) });
    expect(code).toBe(1);
    expect(row(`Port ${port}`)).toMatchObject({ status: 'fail', fix: `stop that, or API_PORT=${port + 10} npm start` });
    expect(row(`Port ${port}`).found).toMatch(new RegExp(`^used by pid ${process.pid} \\(.*node`));
  } finally {
    server.close();
  }
});

test('servers that the variables name and that do not answer fail, each with the variable', async () => {
  const port = await freePort();
  const { code, row } = doctor({
    KAFKA_BROKERS: `127.0.0.1:${port}`,
    ORDERS_DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/orders`,
  });
  expect(code).toBe(1);
  expect(row('Kafka')).toMatchObject({ status: 'fail' });
  expect(row('Kafka').fix).toContain('KAFKA_BROKERS');
  expect(row('PostgreSQL, orders')).toMatchObject({ status: 'fail' });
  expect(JSON.stringify(row('PostgreSQL, orders'))).not.toContain('secret');
  expect(row('PostgreSQL, payments')).toMatchObject({ status: 'ok' });
  expect(doctor({ REQUEST_TIMEOUT_MS: 'soon' }).row('Settings').found).toContain('REQUEST_TIMEOUT_MS');
});

test('without any package it says so, and all else that it sees', () => {
  const bare = join(folder.path, 'bare');
  for (const part of ['doctor', 'terminal', 'start', 'package.json', 'package-lock.json']) {
    cpSync(join(projectRoot(), part), join(bare, part), { recursive: true });
  }
  expect(readdirSync(bare)).not.toContain('node_modules');
  const { code, row } = doctor({}, bare);
  expect(code).toBe(1);
  expect(row('Packages')).toMatchObject({ status: 'fail', found: 'none installed', fix: 'run "npm ci"' });
  expect(row('Kafka, databases').status).toBe('warn');
  const start = spawnSync(process.execPath, ['start/on-node-24.js', 'start/start.ts'], {
    cwd: bare,
    env,
    encoding: 'utf8',
  });
  expect({ code: start.status, said: start.stderr.trim() }).toEqual({
    code: 1,
    said: 'No packages are installed here: run "npm ci". "npm run doctor" says what else this machine lacks.',
  });
});
