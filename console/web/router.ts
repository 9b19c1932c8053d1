import { signal } from '@preact/signals';

/** Where the page is. All of it stands in the address: a copied link shows the same. */

export interface Place {
  /** Behind `/console`, decoded: `['orders', '01a2…']`. */
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export const place = signal(readPlace());

addEventListener('popstate', () => {
  place.value = readPlace();
});

function readPlace(): Place {
  const parts = location.pathname.split('/').slice(2).map(decodeURIComponent);
  return {
    parts: parts.filter((part) => part !== ''),
    query: Object.fromEntries(new URLSearchParams(location.search)),
  };
}

/** @param path such as `/console/orders?status=NEW` */
export function goTo(path: string): void {
  if (path === location.pathname + location.search) return;
  history.pushState(null, '', path);
  place.value = readPlace();
  scrollTo(0, 0);
}

/** Changes the query of this view; empty values leave it. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  history.replaceState(null, '', `${location.pathname}${text === '' ? '' : `?${text}`}`);
  place.value = readPlace();
}

export function queryText(query: Readonly<Record<string, string | null | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** Links within the console change the view, and load no page. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest('a');
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link === null || !isPlain || event.defaultPrevented || link.target !== '') return;
    if (link.origin !== location.origin || !/^\/console(\/|$)/.test(link.pathname) || link.hash !== '') return;
    event.preventDefault();
    goTo(link.pathname + link.search);
  });
}
