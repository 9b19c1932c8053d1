import { readBooks, type Books } from '../support/books.ts';
import { commitProxy, type CommitProxy } from '../support/commit-proxy.ts';
import { eventually as within } from '../support/eventually.ts';
import { startFleet, type Fleet, type FleetNode } from '../support/fleet.ts';
import { post, send } from '../support/http-client.ts';

// Each waits for a session of the group to end (10 s) and for nodes to start.
jest.setTimeout(240_000);
const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> =>
  within(assertion, { timeoutMs: 90_000, intervalMs: 200 });

const USERS = Array.from({ length: 6 }, (_, number) => `user-${number}`);
/** Two orders of 3 are paid, the third is refused. */
const DEPOSIT = 7;
const ORDERS_OF_EACH = 3;
const ALL = USERS.length * ORDERS_OF_EACH;

let fleet: Fleet;
let zombie: FleetNode;
let other: FleetNode;
let proxy: CommitProxy;

beforeEach(async () => {
  fleet = await startFleet({ api: 1, orders: 1, payments: 2 }, { startNodes: false });
  const [first, second] = fleet.nodesOf('payments');
  if (first === undefined || second === undefined) throw new Error('There are two.');
  [zombie, other] = [first, second];
  await Promise.all([...fleet.nodesOf('api'), ...fleet.nodesOf('orders'), other].map((node) => node.start()));
  const [gateway = 0] = fleet.gatewayPorts;
  for (const userId of USERS) {
    await eventually(async () => {
      expect((await post(gateway, '/api/payments/accounts', { userId })).status).toBe(201);
    });
    const deposit = await post(gateway, '/api/payments/accounts/deposit', { userId, amount: DEPOSIT });
    expect(deposit.status).toBe(200);
  }
  await other.stop();
});

afterEach(async () => {
  await fleet.stop();
  proxy.close();
});

async function order(): Promise<void> {
  const [gateway = 0] = fleet.gatewayPorts;
  for (const userId of USERS) expect((await post(gateway, '/api/orders', { userId, amount: 3 })).status).toBe(201);
}

/** All of so many orders are decided, once, and the money is right. */
async function expectDecided(orders: { readonly FINISHED: number; readonly CANCELLED: number }): Promise<void> {
  await eventually(async () => {
    const books: Books = await readBooks(fleet.postgres.urlOf('orders'), fleet.postgres.urlOf('payments'));
    expect(books).toMatchObject({
      orders,
      payments: { completed: orders.FINISHED, rejected: orders.CANCELLED },
      wrongAccounts: [],
      wrongOrders: [],
      deadLetters: 0,
      outbox: 0,
    });
  });
}

test.each([
  ['before its COMMIT', 'request'],
  ['after its COMMIT, before it knows', 'answer'],
] as const)(
  'a payments node that is stopped past its session, %s, pays nothing twice when it goes on, and works again',
  async (_, hold) => {
    for (let round = 0; round < ORDERS_OF_EACH; round++) await order();
    proxy = await commitProxy(fleet.postgres.urlOf('payments'), 'payments', hold);
    const started = zombie.start({
      PAYMENTS_DATABASE_URL: proxy.url,
      PAYMENTS_DATABASE_DIRECT_URL: fleet.postgres.urlOf('payments'),
    });
    await proxy.held;
    zombie.signal('SIGSTOP');
    await other.start();
    const decided = { FINISHED: (ALL / ORDERS_OF_EACH) * 2, CANCELLED: ALL / ORDERS_OF_EACH };
    await expectDecided(decided);
    zombie.signal('SIGCONT');
    await started;
    await eventually(async () => {
      expect(await send(zombie.port, '/health/ready')).toMatchObject({ status: 200 });
    });
    // It is a member again, and the only one: what comes now is its work.
    expect(await other.stop()).toMatchObject({ code: 0, killed: false });
    await order();
    await expectDecided({ ...decided, CANCELLED: decided.CANCELLED + USERS.length });
  },
);
