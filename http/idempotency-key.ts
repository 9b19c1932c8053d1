import type { IncomingMessage } from 'node:http';
import { invalidInput } from '../contract/define-input.ts';
import { IDEMPOTENCY_KEY_HEADER, idempotencyKeyHeader } from '../contract/idempotency-key.ts';
import type { Route } from './route.ts';

/** @returns whether a call has an effect that a key lets happen once; elsewhere the header is ignored */
export function takesIdempotencyKey(route: Route): boolean {
  return route.kind === 'call' && route.method === 'POST';
}

/**
 * @returns the request's idempotency key without quotes; null when it has none
 * @throws the problem `invalid-input` for one that is malformed or given more than once
 */
export function readIdempotencyKey({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): string | null {
  const [header, ...others] = headersDistinct[IDEMPOTENCY_KEY_HEADER.toLowerCase()] ?? [];
  if (header === undefined) return null;
  const checked =
    others.length > 0
      ? ({ ok: false, detail: 'This header is given once.' } as const)
      : idempotencyKeyHeader.check(header);
  if (!checked.ok) throw invalidInput([{ pointer: IDEMPOTENCY_KEY_HEADER, detail: checked.detail }]);
  return checked.value;
}
