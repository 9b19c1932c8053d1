import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { projectRoot } from '../../../start/project-root.ts';

const read = (file: string): string => readFileSync(join(projectRoot(), file), 'utf8');

function linksOf(page: string): string[] {
  return [...read(page).matchAll(/\]\(([^)#\s]+)/g)].map(([, link = '']) => posix.join(posix.dirname(page), link));
}

test('every page of docs/ is in its contents, or in the list of its folder', () => {
  const listed = new Set(['docs/README.md', ...linksOf('docs/README.md'), ...linksOf('docs/adr/README.md')]);
  const pages = readdirSync(join(projectRoot(), 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => `docs/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md') && !file.startsWith('docs/site/') && !file.startsWith('docs/runbooks/'));
  expect(pages.filter((page) => !listed.has(page))).toEqual([]);
  expect(pages.length).toBeGreaterThan(40);
});

describe('README.ru.md says what README.md says', () => {
  const [english, russian] = [read('README.md'), read('README.ru.md')];
  const blocks = (text: string): string[] => [...text.matchAll(/^```[\s\S]*?^```$/gm)].map(([block]) => block);
  const prose = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, '```');

  test('the same headings, of the same depth', () => {
    const depths = (text: string): number[] =>
      [...prose(text).matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);
    expect(depths(russian)).toEqual(depths(english));
  });

  test('the same code, in the same order', () => {
    expect(blocks(russian)).toEqual(blocks(english));
  });

  test('the same paragraphs, list items and rows under each heading', () => {
    const shape = (text: string): number[][] =>
      prose(text)
        .split(/^#+ /m)
        .map((part) => [part.split(/\n{2,}/).length, (part.match(/^(-|\d+\.|\|) /gm) ?? []).length]);
    expect(shape(russian)).toEqual(shape(english));
  });

  test('the same links, variables and commands', () => {
    const links = (text: string): string[] =>
      [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^README/.test(link));
    const code = (text: string): string[] => [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, inline = '']) => inline);
    expect(links(russian).toSorted()).toEqual(links(english).toSorted());
    expect(code(russian).toSorted()).toEqual(code(english).toSorted());
  });
});
