import type { Connection } from './connection.ts';
import { decimalOf, MAX_CENTS } from './oracle/decimal.ts';
import { postJson } from './json-calls.ts';
import { membersOf } from './oracle/check-ok.ts';
import type { World } from './world.ts';

const HOLDERS = 20;
const FULL = 2;
const STRANGERS = 10;
const ORDERS = 10;

/**
 * Opens the accounts and places the orders that the inputs will name, through the gateway.
 *
 * @param runId tells this world's users from those of another
 * @throws Error when an answer is not as the contract says
 */
export async function makeWorld(gateway: Connection, runId: string): Promise<World> {
  const users = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${kind}-${runId}-${index}`);
  const world = {
    holders: users('holder', HOLDERS),
    full: users('full', FULL),
    strangers: users('stranger', STRANGERS),
  };
  const post = (path: string, body: object): Promise<unknown> => postJson(gateway, path, JSON.stringify(body));
  for (const userId of [...world.holders, ...world.full]) await post('/api/payments/accounts', { userId });
  for (const userId of world.full) {
    await post('/api/payments/accounts/deposit', { userId, amount: decimalOf(MAX_CENTS) });
  }
  const orderIds: string[] = [];
  for (let index = 0; index < ORDERS; index++) {
    // Without money and without an account: both end cancelled, and empty nobody's account.
    const userId = index % 2 === 0 ? world.holders[index] : world.strangers[index];
    const order = membersOf(await post('/api/orders', { userId, amount: '0.01', description: null }));
    orderIds.push(String(order['orderId']));
  }
  return { ...world, orderIds };
}
