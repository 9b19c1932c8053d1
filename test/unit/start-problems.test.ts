import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';
import { START_PROBLEMS, StartError } from '../../start/start-error.ts';

test('each problem of a start has its section, and each section is about one', () => {
  const page = readFileSync(join(projectRoot(), 'docs', 'start-problems.md'), 'utf8');
  expect([...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading).sort()).toEqual([...START_PROBLEMS].sort());
  expect(new StartError('', 'java').page).toBe('docs/start-problems.md#java');
});
