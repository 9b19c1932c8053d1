import fc from 'fast-check';
import pg from 'pg';
import { Connection } from '../../fuzz/connection.ts';
import { CALLS, OTHERS, type Endpoint } from '../../fuzz/endpoints.ts';
import { mayChange, showRequest, type Door, type FuzzCase } from '../../fuzz/fuzz-case.ts';
import { makeWorld } from '../../fuzz/make-world.ts';
import { checkReply } from '../../fuzz/oracle/check-reply.ts';
import { differences, takeSnapshot, untilQuiet, type Databases, type Snapshot } from '../../fuzz/snapshot.ts';
import type { World } from '../../fuzz/world.ts';
import { orderRoutes, paymentRoutes } from '../../http/routes.ts';
import type { RestService } from '../../mixins/rest.mixin.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

/**
 * Requests from typed generators, good ones and bad ones, at the doors of the real services. What has to be answered says
 * an oracle that was written from the contract. A failure prints the smallest request that it was found with, and the seed
 * that finds it again.
 */

const RUNS = 300;
const TIMEOUT_MS = 120_000;
/** One request at a time: each is answered long before. */
const QUIET_MS = 50;

let cluster: ShopCluster;
let databases: Databases;
let world: World;
let doors: Readonly<Record<Door, Connection>>;

beforeAll(async () => {
  cluster = await shopCluster();
  const [api, orders, payments] = await Promise.all([
    cluster.start('api'),
    cluster.start('orders'),
    cluster.start('payments'),
  ]);
  await Promise.all([api, orders, payments].map((broker) => broker.waitForServices(['orders', 'payments'])));
  const connectionTo = (broker: typeof api, name: Door): Connection =>
    new Connection('127.0.0.1', (broker.getLocalService(name) as RestService).listener.port, QUIET_MS);
  doors = {
    api: connectionTo(api, 'api'),
    orders: connectionTo(orders, 'orders'),
    payments: connectionTo(payments, 'payments'),
  };
  databases = {
    orders: new pg.Pool({ connectionString: cluster.config.orders.url }),
    payments: new pg.Pool({ connectionString: cluster.config.payments.url }),
  };
  world = await makeWorld(doors.api, 'generated');
  await untilQuiet(databases);
}, TIMEOUT_MS);

afterAll(async () => {
  for (const door of Object.values(doors)) door.close();
  await Promise.all([databases.orders.end(), databases.payments.end()]);
  await cluster.end();
});

function anyDoor(endpoint: Endpoint): fc.Arbitrary<FuzzCase> {
  const cases = fc.oneof(...endpoint.doors.map((door) => endpoint.cases(world, door)));
  return cases.map((input) => ({ ...input, [fc.toStringMethod]: () => showRequest(input.request) }));
}

async function assertAnswered(input: FuzzCase): Promise<void> {
  const faults = checkReply(input, await doors[input.door].send(input.request));
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

test('every call of the contract has its generator, and no generator is of a call that is gone', () => {
  const routes = [...orderRoutes, ...paymentRoutes].map(({ method, path }) => `${method} ${path}`);
  expect(CALLS.map(({ name }) => name).sort()).toEqual(routes.sort());
});

describe.each([...CALLS, ...OTHERS].map((endpoint) => [endpoint.name, endpoint] as const))('%s', (_name, endpoint) => {
  test(
    'is answered as the contract says',
    async () => {
      await fc.assert(fc.asyncProperty(anyDoor(endpoint), assertAnswered), { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );

  test(
    'changes nothing when it refuses',
    async () => {
      let before: Snapshot | null = null;
      const refused = anyDoor(endpoint).filter((input) => !mayChange(input));
      const property = fc.asyncProperty(refused, async (input) => {
        const found = before ?? (await untilQuiet(databases));
        // What a failure leaves behind is not blamed on the next one.
        before = null;
        await assertAnswered(input);
        const after = await takeSnapshot(databases);
        const changes = differences(found, after);
        if (changes.length > 0) throw new Error(changes.join('\n'));
        before = after;
      });
      await fc.assert(property, { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );
});
