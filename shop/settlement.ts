import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { UserRange } from './ledger-checks.ts';

export interface Settlement {
  /** Orders that were not final when the wait ended. */
  readonly undecided: number;
  /** `performance.now()` when the last order was seen to be final, or when the wait ended. */
  readonly endedAt: number;
}

/** The contract: everything is final 30 s after the last order was posted. */
export const SETTLED_WITHIN_MS = 30_000;
/** How exactly the end is seen; the index on undecided orders makes a look cheap. */
const LOOK_EVERY_MS = 50;

/**
 * Waits until none of these customers' orders is NEW.
 *
 * @param lastPostAt `performance.now()` when the last post went out
 * @throws Error of PostgreSQL
 */
export async function waitUntilSettled(orders: pg.Pool, users: UserRange, lastPostAt: number): Promise<Settlement> {
  for (;;) {
    const { rows } = await orders.query<{ undecided: number }>(
      `SELECT count(*)::integer AS undecided FROM orders WHERE status = 'NEW' AND user_id >= $1 AND user_id < $2`,
      [...users],
    );
    const undecided = rows[0]?.undecided ?? 0;
    const endedAt = performance.now();
    if (undecided === 0 || endedAt - lastPostAt >= SETTLED_WITHIN_MS) return { undecided, endedAt };
    await sleep(LOOK_EVERY_MS);
  }
}
