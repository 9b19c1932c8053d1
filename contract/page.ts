import type { Page } from './outputs.ts';

/**
 * Makes a page of what was read for it. Whoever reads asks for one item more than the page has: that one tells whether
 * there is a next page, which a full page alone does not.
 *
 * @param read at most `limit + 1` items, newest first
 * @param cursorAfter makes the cursor that continues the list after an item
 */
export function cutPage<Item>(read: readonly Item[], limit: number, cursorAfter: (last: Item) => string): Page<Item> {
  const items = read.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: read.length > limit && last !== undefined ? cursorAfter(last) : null };
}
