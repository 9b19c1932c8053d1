import { posix } from 'node:path';

/**
 * Where something of the tree is in the site: docs/ is its root, the rest of the tree lies under `repo/`. What is no page becomes one.
 *
 * @param path from the project's root; a folder ends with a slash
 */
export function sitePathOf(path: string): string {
  const inSite = placeOf(path);
  if (inSite === '' || inSite.endsWith('/')) return `${inSite}index.md`;
  if (!inSite.endsWith('.md')) return `${inSite}.md`;
  return path.startsWith('docs/') ? inSite.replace(/(^|\/)README\.md$/, '$1index.md') : inSite;
}

export function isPicture(path: string): boolean {
  return /\.(svg|png)$/.test(path);
}

/** Where a file of the tree is in the site, as it is. */
export function placeOf(path: string): string {
  return path.startsWith('docs/') ? path.slice('docs/'.length) : `repo/${path}`;
}

/** @returns the address of what is at a path of the tree */
export function addressOf(path: string): string {
  return `/${sitePathOf(path)
    .replace(/(^|\/)index\.md$/, '$1')
    .replace(/\.md$/, '')}`;
}

/** @returns a page's text with its links leading to places of the site, and what of the tree it leads to */
export function relinked(
  page: string,
  text: string,
  isFolder: (path: string) => boolean,
): { text: string; leadsTo: string[] } {
  const leadsTo: string[] = [];
  const relink = (prose: string): string =>
    prose.replaceAll(
      /<!--[\s\S]*?-->\n*|\{\{|`[^`\n]+`|(!?)\[((?:[^\][]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g,
      (whole: string, image?: string, label?: string, link?: string) => {
        if (whole.startsWith('<!--')) return '';
        // A template's, to what shows the page.
        if (whole === '{{') return '&#123;&#123;';
        if (link === undefined || /^[a-z]+:|^#/i.test(link)) return whole;
        const [path = '', anchor] = link.split('#');
        const target = posix.join(posix.dirname(page), decodeURIComponent(path)).replace(/\/$/, '');
        leadsTo.push(target);
        if (isPicture(target)) {
          const picture = posix.relative(posix.dirname(sitePathOf(page)), placeOf(target));
          return `${image ?? ''}[${label ?? ''}](./${picture})`;
        }
        const address = addressOf(isFolder(target) ? `${target}/` : target);
        return `[${label ?? ''}](${address}${anchor === undefined ? '' : `#${anchor}`})`;
      },
    );
  // Code stays as it is.
  const parts = text.split(/(^`{3,}[^\n]*\n[\s\S]*?^`{3,}$)/gm);
  return { text: parts.map((part, index) => (index % 2 === 1 ? part : relink(part))).join(''), leadsTo };
}
