import { appendFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../start/child.ts';
import { dataFolderAt, sizeOf } from '../../start/data-folder.ts';
import { keepLogsSmall, shiftLogs } from '../../start/log-rotation.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MAX_BYTES = 20_000;
const KEPT = 2;
/** What the writer adds between two looks, and more. */
const SLACK_BYTES = 200_000;

const folder = temporaryFolder();
const data = dataFolderAt(join(folder.path, 'data'));

afterAll(() => {
  folder.remove();
});

test('a log that others write stays small: so many files of such a size, the newest lines in them, in order', async () => {
  const logFile = data.logFileOf('writer');
  const end = keepLogsSmall([logFile], { maxBytes: MAX_BYTES, kept: KEPT, lookEveryMs: 10 });
  const program = `let n = 0; setInterval(() => { for (let i = 0; i < 20; i++) console.log('line ' + n++); }, 1)`;
  const writer = await startChild({
    command: process.execPath,
    args: ['-e', program],
    cwd: folder.path,
    env: process.env,
    logFile,
  });
  try {
    await eventually(() => {
      expect(lastLine(readFileSync(logFile, 'utf8'))).toBeGreaterThan(20_000);
    });
  } finally {
    writer.signal('SIGKILL');
    await writer.exited;
    end();
  }
  const files = readdirSync(data.logs).sort();
  expect(files).toEqual(['writer.1.log', 'writer.2.log', 'writer.log']);
  for (const file of files) expect(statSync(join(data.logs, file)).size).toBeLessThan(MAX_BYTES + SLACK_BYTES);
  const numbers = ['writer.2.log', 'writer.1.log', 'writer.log'].flatMap((file) =>
    [...readFileSync(join(data.logs, file), 'utf8').matchAll(/^line (\d+)$/gm)].map(([, number]) => Number(number)),
  );
  expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
});

test('a start begins new logs, and keeps those of the last three runs', () => {
  for (const run of [1, 2, 3, 4, 5]) {
    shiftLogs(data, ['api']);
    writeFileSync(data.logFileOf('api'), `run ${run}`);
  }
  const texts = ['api', 'api.1', 'api.2', 'api.3'].map((name) => readFileSync(data.logFileOf(name), 'utf8'));
  expect(texts).toEqual(['run 5', 'run 4', 'run 3', 'run 2']);
  expect(existsSync(data.logFileOf('api.4'))).toBe(false);
});

test('the size of the data folder is what it takes of the disk', async () => {
  const before = await sizeOf(data);
  appendFileSync(join(data.path, 'more'), Buffer.alloc(1_000_000, 1));
  expect((await sizeOf(data)) - before).toBeGreaterThanOrEqual(1_000_000);
});

function lastLine(text: string): number {
  return Number(/line (\d+)\n$/.exec(text)?.[1] ?? 0);
}
