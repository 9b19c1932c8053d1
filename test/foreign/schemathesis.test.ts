import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCOPES } from '../../http/access.ts';
import { projectRoot } from '../../start/project-root.ts';
import { startSystem, type System } from '../support/own-system.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { TEST_SECRET, tokenOf } from '../support/tokens.ts';
import { installSchemathesis, type Schemathesis } from './tools/schemathesis.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

const CONFIG_FILE = join(projectRoot(), 'test/foreign/schemathesis.toml');
/** Of the generation of requests: a failure can be had again. */
const SEED = '20261123';
/** Of the requests that it made. */
const ALL_PASSED = /(\d+) generated, \1 passed/;
const TEST_TIMEOUT_MS = 900_000;

let schemathesis: Schemathesis;
let system: System | undefined;
let folder: TemporaryFolder | undefined;

beforeAll(async () => {
  schemathesis = await installSchemathesis();
  folder = temporaryFolder();
  system = await startSystem({ AUTH: 'jwt', AUTH_SECRET: TEST_SECRET });
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await system?.stop();
  folder?.remove();
}, 60_000);

/** Runs all checks on one door; what it found is in the message of the failure. */
async function check(door: keyof System['nodes'], configFile: string, args: readonly string[]): Promise<string> {
  const url = `http://127.0.0.1:${system?.nodes[door].port ?? 0}/openapi.json`;
  const run = ['--config-file', configFile, 'run', url, '--checks', 'all', '--seed', SEED, ...args];
  const { code, stdout, stderr } = await schemathesis(run, { cwd: folder?.path ?? '' });
  if (code !== 0) throw new Error(`schemathesis found something at ${door}:\n${stdout}\n${stderr}`);
  return stdout;
}

// The gateway has every operation; the services serve their own by the same code, so that fewer requests will do.
test.each([
  ['api', '50'],
  ['orders', '10'],
  ['payments', '10'],
] as const)(
  'every check of schemathesis holds on every operation of %s, with a token of a service',
  async (door, examples) => {
    const token = await tokenOf('service', ...SCOPES);
    const auth = ['--header', `Authorization: Bearer ${token}`];
    const found = await check(door, CONFIG_FILE, [...auth, '--max-examples', examples]);
    expect(found).toMatch(ALL_PASSED);
  },
  TEST_TIMEOUT_MS,
);

test(
  'of two users, none is answered with what belongs to the other',
  async () => {
    const users = ['alice', 'bob'];
    const entries = await Promise.all(
      users.map(async (name) => ({
        name,
        fixedHeaders: [{ name: 'Authorization', value: `Bearer ${await tokenOf(name, 'payments:deposit')}` }],
      })),
    );
    const path = folder?.path ?? '';
    mkdirSync(path, { recursive: true });
    const authFile = join(path, 'users.json');
    writeFileSync(authFile, JSON.stringify({ auth: entries }));
    const configFile = join(path, 'users.toml');
    writeFileSync(
      configFile,
      [
        '[auth.wfc]',
        `path = ${JSON.stringify(authFile)}`,
        'peers = ["alice", "bob"]',
        '[parameters]',
        'userId = "alice"',
        // Judged by the runs above.
        '[checks.positive_data_acceptance]',
        'expected-statuses = ["2xx", "3xx", "4xx"]',
      ].join('\n'),
    );
    const found = await check('api', configFile, ['--phases', 'examples,stateful', '--mode', 'positive']);
    expect(found).toMatch(ALL_PASSED);
  },
  TEST_TIMEOUT_MS,
);
