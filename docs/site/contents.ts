import { addressOf } from './links.ts';

interface Group {
  readonly text: string;
  readonly items: { readonly text: string; readonly link: string }[];
}

/**
 * The site's sidebar.
 *
 * @param page docs/README.md: a heading for each group, a list item that begins with a link for each page
 */
export function contentsOf(page: string): Group[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((group) => ({
      text: group.slice(0, group.indexOf('\n')),
      items: [...group.matchAll(/^- \[([^\]]+)\]\(([^)#]+)\)/gm)].map(([, text = '', link = '']) => ({
        text: text.replaceAll('`', ''),
        link: addressOf(new URL(link, 'file:///docs/').pathname.slice(1)),
      })),
    }));
}
