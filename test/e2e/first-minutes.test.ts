import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readRunningCluster } from '../../start/cluster-state.ts';
import { cloneInto, type Clone } from '../support/clone.ts';
import {
  cleanEnvironment,
  runSystem,
  systemPlace,
  type RunningSystem,
  type SystemPlace,
} from '../support/running-system.ts';

/** Two starts of a whole system, and two demos. */
const TIMEOUT_MS = 240_000;
jest.setTimeout(TIMEOUT_MS);

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let clone: Clone;
let place: SystemPlace;
let env: Record<string, string>;
let system: RunningSystem;

/** As an ordinary user, from a path with a blank and an ö. */
function npm(...args: string[]): Promise<Said> {
  return new Promise((resolve) => {
    const child = spawn('npm', args, {
      cwd: clone.path,
      env: { ...cleanEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...clone.user,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

beforeAll(async () => {
  clone = await cloneInto('ö clone');
  place = await systemPlace();
  env = { ...place.env, DATA_DIR: join(clone.path, '.data'), HOME: clone.path };
  system = await runSystem(place, { cwd: clone.path, user: clone.user, env });
}, TIMEOUT_MS);

afterAll(async () => {
  await system.stop();
  place.remove();
  clone.remove();
});

test('npm start as an ordinary user, from a path with a blank and an ö: a line for each step, and where everything is', () => {
  const output = system.output();
  for (const step of ['PostgreSQL', 'Kafka', 'api', 'orders', 'payments']) {
    expect(output).toMatch(new RegExp(`^ {2}✓ ${step} +[\\d.]+ s {2}\\S`, 'm'));
  }
  for (const [label, value] of [
    ['API', `${new URL(place.urls.api).port}/api`],
    ['Docs', '/docs'],
    ['Console', '/console'],
    ['Kafka', '127.0.0.1:'],
    ['PostgreSQL', 'postgres://'],
    ['Data', ' MB (kept'],
    ['Next', 'npm run demo'],
  ] as const) {
    const line = output.split('\n').find((each) => each.startsWith(`  ${label} `) && each.includes(value));
    expect({ label, found: line !== undefined }).toEqual({ label, found: true });
  }
  expect(output).toMatch(/Ready in [\d.]+ s/);
  expect(output).not.toMatch(/[\x1b\r]/);
});

test('npm run doctor finds nothing wrong with the system that runs', async () => {
  const { code, stdout } = await npm('run', '-s', 'doctor', '--', '--json');
  const { rows } = JSON.parse(stdout) as { rows: { name: string; status: string; found: string }[] };
  // The machine may be short of something; the system is not.
  const ofSystem = rows.filter(({ name }) => /^(npm start|Port|Kafka|PostgreSQL|Migrations|Lanes|Topic)/.test(name));
  expect(ofSystem.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(ofSystem.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Kafka', 'PostgreSQL, orders', 'Migrations, payments', 'Lanes, orders', 'Topics MOL.*']),
  );
  expect(rows.find(({ name }) => name === 'Lanes, payments')?.found).toBe('16 of 16 held, by 1 relay');
  expect(rows.find(({ name }) => name === 'Topic orders.events.v1')).toMatchObject({ status: 'ok' });
  expect(code).toBe(0);
});

test('npm run demo plays on the system that runs, kills its payments node, and leaves it running', async () => {
  const { code, stdout, stderr } = await npm('run', '-s', 'demo', '--', '--orders', '200', '--json');
  const result = JSON.parse(stdout) as { survivor: { url: string } | null };
  expect(result).toMatchObject({
    asPromised: true,
    startedHere: false,
    orders: 200,
    sentTwice: 20,
    crash: { node: 'payments' },
    audit: { violationCount: 0 },
  });
  expect(stderr).toContain('$ curl -s');
  expect(stderr).toContain('was killed; orders go on');
  expect(stderr).not.toMatch(/[\x1b\r]/);
  expect(code).toBe(0);
  const survivor = await fetch(result.survivor?.url ?? '');
  expect(await survivor.json()).toMatchObject({ status: 'FINISHED' });
});

test('npm run demo starts what is not running, and in a pipe stops it at its end', async () => {
  await system.stop();
  expect(await readRunningCluster(env['DATA_DIR'] ?? '')).toBeUndefined();
  const { code, stdout } = await npm('run', '-s', 'demo', '--', '--orders', '50', '--no-crash');
  expect(stdout).toContain('Nothing runs here: starting the system.');
  expect(stdout).toContain('No node was killed: --no-crash was given.');
  expect(stdout).toContain('50 orders were accepted; 5 of them were sent again');
  expect(stdout).toMatch(/An order {2}http:\/\/\S+\/console\/orders\/[0-9a-f-]{36}\n/);
  expect(stdout).toContain('Nothing is wrong: the money is right to the last unit.');
  expect(stdout).not.toContain('WRONG');
  expect(code).toBe(0);
  expect(await readRunningCluster(env['DATA_DIR'] ?? '')).toBeUndefined();
});
