import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');

test('every test that docs/testing.md names exists', () => {
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  const named = [...readFileSync(join(root, '..', 'docs', 'testing.md'), 'utf8').matchAll(/"([^"]+)"/g)].map(
    ([, sentence]) => sentence ?? '',
  );
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((sentence) => !sources.includes(sentence))).toEqual([]);
});
