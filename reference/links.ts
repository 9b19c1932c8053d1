import type { Route } from '../http/route.ts';

/** @returns the anchor that GitHub gives to a heading */
export function headingOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

/** `POST /api/orders`, as the heading of docs/rest.md and in the OpenAPI document. */
export function addressOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path.replace(/:(\w+)/g, '{$1}')}`;
}

/** A link from another page of docs/ to an operation. */
export function operationLink(route: Pick<Route, 'method' | 'path'>): string {
  const address = addressOf(route);
  return `[\`${address}\`](rest.md#${headingOf(address)})`;
}
