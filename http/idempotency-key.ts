import type { IncomingMessage } from 'node:http';
import { IDEMPOTENCY_KEY_HEADER, idempotencyKeyHeader } from '../contract/idempotency-key.ts';
import type { Checked } from '../contract/values.ts';
import type { Route } from './route.ts';

/** @returns whether a call has an effect that a key lets happen once; elsewhere the header is ignored */
export function takesIdempotencyKey(route: Route): boolean {
  return route.kind === 'call' && route.method === 'POST';
}

/**
 * Reads the request's idempotency key, without quotes.
 *
 * @returns null when it has none
 */
export function readIdempotencyKey({
  headersDistinct,
}: Pick<IncomingMessage, 'headersDistinct'>): Checked<string | null> {
  const [header, ...others] = headersDistinct[IDEMPOTENCY_KEY_HEADER.toLowerCase()] ?? [];
  if (header === undefined) return { ok: true, value: null };
  if (others.length > 0) return { ok: false, detail: 'This header is given once.' };
  return idempotencyKeyHeader.check(header);
}
