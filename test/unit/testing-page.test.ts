import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const docs = join(root, '..', 'docs');

describe.each([
  ['testing.md', 100],
  ['security.md', 26],
  ['guarantees.md', 15],
])('docs/%s', (page, namedAtLeast) => {
  const text = readFileSync(join(docs, page), 'utf8');

  test('names only tests that exist', () => {
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n');
    const named = [...text.matchAll(/"([^"]+)"/g)].map(([, sentence = '']) => sentence.replaceAll(/\s+/g, ' '));
    expect(named.length).toBeGreaterThanOrEqual(namedAtLeast);
    expect(named.filter((sentence) => !sources.includes(sentence))).toEqual([]);
  });

  test('leads only to files that exist', () => {
    const files = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, file]) => file ?? '');
    expect(files.filter((file) => !existsSync(join(docs, file)))).toEqual([]);
  });
});
