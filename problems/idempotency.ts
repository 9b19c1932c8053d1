import { problem } from './problems.ts';

/** What callers are told about their idempotency keys. */

export function keyReused(): Error {
  return problem(
    'idempotency-key-reused',
    'This idempotency key was used for a request with other values. Nothing was done; give a new request a new key.',
  );
}

export function keyInUse(): Error {
  return problem(
    'idempotency-key-in-use',
    'Another request with this idempotency key is still running. Nothing was done for this one; send it again in a moment.',
    { retryAfterS: 1 },
  );
}
