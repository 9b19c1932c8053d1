import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Planted } from '../../planted/report.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(__dirname, '..', '..');
const LIMIT_MS = 600_000;

describe('Bugs that are planted in a copy of the tree', () => {
  const folder = temporaryFolder();

  afterAll(() => {
    folder.remove();
  });

  test(
    'are each found by an invariant that was to find them, and without one everything holds',
    async () => {
      const json = join(folder.path, 'planted.json');
      const child = spawn(process.execPath, ['planted/planted.ts', '--json', json], { cwd: root, timeout: LIMIT_MS });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += String(text)));
      const [code] = (await once(child, 'close')) as [number | null];
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('everything holds') as string });
      const { planted } = JSON.parse(readFileSync(json, 'utf8')) as { planted: Planted[] };
      expect(planted.length).toBeGreaterThanOrEqual(12);
      expect(planted.map(({ verdict }) => verdict.kind)).toEqual(planted.map(() => 'violated'));
    },
    LIMIT_MS,
  );
});
