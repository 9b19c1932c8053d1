import { join } from 'node:path';
import type { ServiceBroker } from 'moleculer';
import pg from 'pg';
import type { RestService } from '../../mixins/rest.mixin.ts';
import { freePort } from '../../start/free-port.ts';
import { startNode, type RunningNode } from '../../start/node-process.ts';
import { commitProxy, type CommitProxy } from '../support/commit-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { expectProblem } from '../support/expect-problem.ts';
import { guardChild } from '../support/guard.ts';
import { post, type HttpAnswer } from '../support/http-client.ts';
import { cleanEnvironment } from '../support/running-system.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

/** Nodes in processes of their own are killed around a COMMIT; the retry goes to another node, in this process. */

type Service = 'orders' | 'payments';

let cluster: ShopCluster;
let folder: TemporaryFolder;
const others = {} as Record<Service, ServiceBroker>;
const pools = {} as Record<Service, pg.Pool>;

beforeAll(async () => {
  cluster = await shopCluster();
  folder = temporaryFolder();
  for (const service of ['orders', 'payments'] as const) {
    others[service] = await cluster.start(service);
    pools[service] = new pg.Pool({ connectionString: cluster.config[service].url });
  }
}, 120_000);

afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
  await cluster.end();
  folder.remove();
}, 60_000);

const CALLS = [
  { name: 'an order', service: 'orders', path: '/api/orders', effect: 'orders', status: 201 },
  {
    name: 'a deposit',
    service: 'payments',
    path: '/api/payments/accounts/deposit',
    effect: 'ledger_entries',
    status: 200,
  },
] as const;

/** A node whose database is reached by way of the proxy. */
async function startKillableNode(service: Service, proxy: CommitProxy): Promise<RunningNode> {
  const port = await freePort();
  const [prefix, other] = service === 'orders' ? (['ORDERS', 'PAYMENTS'] as const) : (['PAYMENTS', 'ORDERS'] as const);
  return startNode({
    service,
    port,
    logFile: join(folder.path, `${service}-${port}.log`),
    onSpawn: guardChild,
    env: {
      ...cleanEnvironment(),
      DATA_DIR: folder.path,
      NODE_ENV: 'test',
      NODE_SLOT: '7',
      NAMESPACE: cluster.config.namespace,
      KAFKA_BROKERS: cluster.config.kafka.brokers.join(','),
      HTTP_HOST: '127.0.0.1',
      [`${prefix}_PORT`]: String(port),
      [`${prefix}_DATABASE_URL`]: proxy.url,
      [`${prefix}_DATABASE_DIRECT_URL`]: cluster.config[service].url,
      [`${other}_DATABASE_URL`]: cluster.config[service === 'orders' ? 'payments' : 'orders'].url,
    },
  });
}

describe.each(CALLS)('$name', ({ service, path, effect, status }) => {
  const portOfOther = (): number => (others[service].getLocalService(service) as RestService).listener.port;
  const effectsOf = async (userId: string): Promise<Record<string, unknown>[]> =>
    (await pools[service].query<Record<string, unknown>>(`SELECT * FROM ${effect} WHERE user_id = $1`, [userId])).rows;

  test.each(['answer', 'request'] as const)(
    'of a node that is killed when it waits for its COMMIT, whose %s was lost',
    async (hold) => {
      const userId = `${service}-${hold}`;
      await others.payments.call('payments.openAccount', { userId });
      const send = (port: number): Promise<HttpAnswer> =>
        post(port, path, { userId, amount: 7 }, { 'Idempotency-Key': 'k' });

      const proxy = await commitProxy(cluster.config[service].url, 'idempotency_keys', hold);
      const node = await startKillableNode(service, proxy);
      const unanswered = send(node.port).then(
        () => 'answered',
        () => 'broken off',
      );
      await proxy.held;
      if (hold === 'answer') {
        await eventually(async () => {
          expect(await effectsOf(userId)).toHaveLength(1);
        });
      } else {
        // Its transaction is still open, and holds the key.
        expectProblem(await send(portOfOther()), 409, 'idempotency-key-in-use');
      }
      await node.kill();
      expect(await unanswered).toBe('broken off');

      const retried = await eventually(async () => {
        const answer = await send(portOfOther());
        expect(answer.status).toBe(status);
        return answer;
      });
      proxy.close();
      expect(retried.headers['idempotency-replayed']).toBe(hold === 'answer' ? 'true' : undefined);
      const effects = await effectsOf(userId);
      expect(effects).toHaveLength(1);
      expect(retried.json).toMatchObject(
        service === 'orders'
          ? { orderId: effects[0]?.order_id, status: 'NEW', amount: 7 }
          : { userId, balance: 7, version: 1 },
      );
      // And once more, the same.
      expect((await send(portOfOther())).text).toBe(retried.text);
    },
    120_000,
  );
});
