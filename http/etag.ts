/** One entity tag of a list: `W/"3"`, `"3"`. */
const ENTITY_TAG = /^(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")$/;

/**
 * @param header the request's `If-None-Match`
 * @param etag of what there is now, with its quotes
 * @returns whether the client has it already: weak comparison (RFC 9110, 13.1.2)
 */
export function hasCurrent(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => ENTITY_TAG.exec(tag.trim())?.[1] === etag);
}
