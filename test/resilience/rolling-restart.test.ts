import { readBooks, expectSettledOnce } from '../support/books.ts';
import { eventually } from '../support/eventually.ts';
import { startFleet, type Fleet, type FleetNode } from '../support/fleet.ts';
import { post } from '../support/http-client.ts';
import { isRetryable, KeyedLoad } from '../support/keyed-load.ts';

// Six nodes start, and start again one by one.
jest.setTimeout(240_000);

const CLIENTS = 16;
const USERS = Array.from({ length: 20 }, (_, number) => `user-${number}`);
const OPENING_CENTS = 5000;
/** More than the clients have under way at once: these were sent after the restart. */
const REQUESTS_BETWEEN = 100;
const FINAL_TIMEOUT_MS = 60_000;

let fleet: Fleet;
let load: KeyedLoad;

beforeAll(async () => {
  fleet = await startFleet({ api: 2, orders: 2, payments: 2 });
  const [gateway = 0] = fleet.gatewayPorts;
  await Promise.all(
    USERS.map(async (userId) => {
      await eventually(async () => {
        expect((await post(gateway, '/api/payments/accounts', { userId })).status).toBe(201);
      });
      const deposit = await post(gateway, '/api/payments/accounts/deposit', { userId, amount: OPENING_CENTS / 100 });
      expect(deposit.status).toBe(200);
    }),
  );
});

afterAll(() => fleet.stop());

/** The load goes on: as many requests succeed as clients cannot have had under way before. */
async function moreRequestsSucceed(): Promise<void> {
  const before = load.done.length;
  await eventually(
    () => {
      expect(load.done.length).toBeGreaterThan(before + REQUESTS_BETWEEN);
    },
    { timeoutMs: 60_000 },
  );
}

async function everythingIsSettledOnce(): Promise<void> {
  const { postgres } = fleet;
  await eventually(
    async () => {
      const books = await readBooks(postgres.urlOf('orders'), postgres.urlOf('payments'));
      expectSettledOnce(books, load.done, USERS.length);
      // Both kinds of decision were made, or half of it was not tried.
      expect(Object.keys(books.orders).sort()).toEqual(['CANCELLED', 'FINISHED']);
    },
    { timeoutMs: FINAL_TIMEOUT_MS, intervalMs: 250 },
  );
}

async function restart(node: FleetNode): Promise<void> {
  expect(await node.stop()).toMatchObject({ code: 0, killed: false });
  await moreRequestsSucceed();
  await node.start();
  await moreRequestsSucceed();
}

test('each node restarted in turn under load: no request fails for good, and each has one effect', async () => {
  load = new KeyedLoad(fleet.gatewayPorts, USERS, CLIENTS);
  await moreRequestsSucceed();
  for (const node of fleet.nodes) await restart(node);
  await load.end();
  expect(load.refusals.filter((each) => !isRetryable(each))).toEqual([]);
  await everythingIsSettledOnce();
});
