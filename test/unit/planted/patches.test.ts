import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_CHANGED_LINES, readPatch } from '../../../planted/patch.ts';
import { readPatches } from '../../../planted/read-patches.ts';

const root = join(__dirname, '..', '..', '..');
const folder = join(root, 'planted');
const bugs = readPatches(folder);

const SMALL = `What: It loses orders.
Caught by: I6, dead letters

diff --git a/a.ts b/a.ts
--- a/a.ts
+++ b/a.ts
@@ -1,2 +1,2 @@
 kept
-old
+new
`;

describe('Planted bugs', () => {
  test('are at least twelve, each with a number of its own', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(12);
    expect(new Set(bugs.map(({ name }) => name.slice(0, 2))).size).toBe(bugs.length);
  });

  test.each(bugs)(
    '$name still applies, and changes a few lines of what is shipped',
    ({ name, changedLines, files }) => {
      expect(changedLines).toBeLessThanOrEqual(MAX_CHANGED_LINES);
      for (const file of files) expect(file).toMatch(/^(services|mixins|events|kafka|money)\//);
      // Says on its error output what does not fit.
      execFileSync('git', ['apply', '--check', join(folder, `${name}.patch`)], { cwd: root });
    },
  );

  test('are all on their page, with what each breaks and what finds it', () => {
    const page = readFileSync(join(root, 'docs', 'planted-bugs.md'), 'utf8');
    for (const { name, what, caughtBy } of bugs) {
      expect(page).toContain(`| [${name}](../planted/${name}.patch) | ${what} | ${caughtBy.join(' or ')} |`);
    }
  });

  test('are read with what breaks, and what has to find it', () => {
    expect(readPatch('01-loses', SMALL)).toEqual({
      name: '01-loses',
      what: 'It loses orders.',
      caughtBy: ['I6', 'dead letters'],
      changedLines: 2,
      files: ['a.ts'],
    });
  });

  test.each([
    ['has no header', SMALL.replace('What:', 'Why:'), 'says nothing of "What:"'],
    ['names no invariant', SMALL.replace('I6', 'all of them!'), 'names "all of them!"'],
    ['changes nothing', SMALL.replace(/^[+-](old|new)\n/gm, ''), 'changes nothing'],
    ['changes too much', SMALL + '+more\n'.repeat(9), 'changes 11 lines'],
  ])('a patch that %s is refused', (_what, text, sentence) => {
    expect(() => readPatch('01-loses', text)).toThrow(sentence);
  });
});
