import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../start/project-root.ts';
import { ownPrograms } from '../../support/own-programs.ts';

test('every script of package.json that runs a program of ours takes its options as all others do', () => {
  const programs = ownPrograms();
  expect(programs.map(({ script }) => script)).toEqual(expect.arrayContaining(['start', 'demo', 'doctor', 'shop']));
  for (const { script, file } of programs) {
    const source = readFileSync(join(projectRoot(), file), 'utf8');
    expect({ script, runs: source.includes('await runCommand(COMMAND, ') }).toEqual({ script, runs: true });
    expect(source).not.toContain('parseArgs');
  }
});
