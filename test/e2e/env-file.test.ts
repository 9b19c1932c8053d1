import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../start/project-root.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const folder = temporaryFolder();

beforeAll(() => {
  mkdirSync(join(folder.path, 'start'));
  mkdirSync(join(folder.path, 'node_modules'));
  copyFileSync(join(projectRoot(), 'start', 'on-node-24.js'), join(folder.path, 'start', 'on-node-24.js'));
  writeFileSync(join(folder.path, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder.path, 'start', 'show.js'),
    'console.log(`${process.env.API_PORT} ${process.env.LOG_LEVEL}`);',
  );
});

afterAll(() => {
  folder.remove();
});

/** What every npm script begins with, in a folder with a .env of its own. */
async function show(env: Record<string, string>): Promise<string> {
  const args = ['start/on-node-24.js', 'start/show.js'];
  const { stdout } = await run(process.execPath, args, { cwd: folder.path, env });
  return stdout.trim();
}

test('a command reads the file .env beside package.json, and the environment itself goes first', async () => {
  expect(await show({})).toBe('undefined undefined');
  writeFileSync(join(folder.path, '.env'), '# a comment\nAPI_PORT=9090\nLOG_LEVEL="debug"\n');
  expect(await show({})).toBe('9090 debug');
  expect(await show({ API_PORT: '9191' })).toBe('9191 debug');
});
