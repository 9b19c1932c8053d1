import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '../../test/support/own-system.ts';
import { withClient } from '../harness/database.ts';
import type { LoadPlan } from './load.ts';
import type { LoadRequest } from './request.ts';

/** Enough for orders of one batch to be about different accounts. */
const USERS = 500;
const FINAL_LIMIT_MS = 300_000;
const FINAL_PAUSE_MS = 100;

/** What a load of orders is about: at the gateway, an order of the smallest amount for each user. */
export interface Shop extends Pick<LoadPlan, 'port' | 'requests'> {
  readonly users: readonly string[];
}

/**
 * Opens accounts with enough money for any load.
 *
 * @param count 500 unless given
 */
export async function openAccounts(system: System, count = USERS): Promise<Shop> {
  const users = Array.from({ length: count }, (_, index) => `customer-${index}`);
  await Promise.all(
    users.map(async (userId) => {
      await system.call('POST', '/api/payments/accounts', { userId });
      await system.call('POST', '/api/payments/accounts/deposit', { userId, amount: '9999999.99' });
    }),
  );
  const requests = users.map((userId): LoadRequest => {
    return { method: 'POST', path: '/api/orders', body: { userId, amount: '0.01' } };
  });
  return { port: system.nodes.api.port, requests, users };
}

/** How orders that were answered 201 ended. */
export interface Settled {
  /** Until the last was final, or the limit was reached. */
  readonly elapsedMs: number;
  /** Orders that are not in the database, or not final. */
  readonly notFinal: number;
}

/** Waits until orders are final, for five minutes at most. */
export async function untilFinal(system: System, created: readonly string[]): Promise<Settled> {
  return withClient(system.urlOf('orders'), async (client) => {
    const startedAtMs = performance.now();
    for (;;) {
      const { rows } = await client.query<{ final: number }>(
        `SELECT count(*)::int AS final FROM orders WHERE order_id = ANY($1::uuid[]) AND status <> 'NEW'`,
        [created],
      );
      const notFinal = created.length - (rows[0]?.final ?? 0);
      const elapsedMs = performance.now() - startedAtMs;
      if (notFinal === 0 || elapsedMs > FINAL_LIMIT_MS) return { elapsedMs: Math.round(elapsedMs), notFinal };
      await sleep(FINAL_PAUSE_MS);
    }
  });
}
