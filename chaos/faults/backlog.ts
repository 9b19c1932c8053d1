import { Sequelize } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import { EventSchemas } from '../../events/envelope.ts';
import { orderCreated } from '../../events/order-created.ts';
import { addToOutbox } from '../../mixins/outbox/add-to-outbox.ts';
import { createOrders } from '../../services/orders/create-orders.ts';
import { placeOrder } from '../../services/orders/order.ts';
import { PostgresOrderStore } from '../../services/orders/postgres-order-store.ts';
import { ask } from './ask-database.ts';
import type { FaultContext, FaultKind } from './fault.ts';
import { until } from './until.ts';

const ACCOUNTS = 50;
/** Of an account, in the decimal text of the API: most of its orders are paid, and the last ones of a large backlog are not. */
const DEPOSIT = '150.00';
const AMOUNT_MINOR_UNITS = 10n;
/** As the orders service commits together what arrives together, and a few times as many. */
const BATCH = 500;
const REQUEST_TIMEOUT_MS = 12_000;
const REQUEST_ATTEMPTS = 20;

/** Payments away while orders come. */
function backlog(name: string, count: number, drainTimeoutMs: number, usualS: number): Omit<FaultKind, 'isLong'> {
  return {
    name,
    what: `the payments nodes stop, ${count} orders more come, written as the orders service writes them; payments starts`,
    touches: ['payments', 'topics', 'postgres', 'kafka', 'orders', 'api'],
    usualS,
    run: async (context) => {
      const { cluster, signal } = context;
      const users = await openAccounts(context);
      const nodes = cluster.nodes.filter(({ service }) => service === 'payments');
      let written = 0;
      let waiting = 0;
      let startedAt = 0;
      try {
        await Promise.all(nodes.map((node) => node.stopGracefully()));
        written = await writeOrders(context, users, count);
        waiting = await countNew(context);
      } finally {
        startedAt = performance.now();
        await Promise.all(nodes.map((node) => node.start()));
      }
      // The load goes on: a few are always new.
      const isDrained = await until(async () => (await countNew(context)) < waiting / 20, drainTimeoutMs, signal);
      const tookS = ((performance.now() - startedAt) / 1000).toFixed(1);
      return {
        target: 'payments',
        hit: waiting >= count && isDrained,
        evidence: `${waiting} orders waited (${written} written for it); ${
          isDrained ? `decided ${tookS} s after payments started` : `not decided after ${tookS} s`
        }`,
      };
    },
  };
}

async function countNew({ cluster }: FaultContext): Promise<number> {
  const [row] = await ask<{ count: string }>(cluster.ordersUrl, "SELECT count(*) FROM orders WHERE status = 'NEW'");
  return Number(row?.count ?? 0);
}

/** Accounts of the fault's own: the load's books stay as the load knows them. */
async function openAccounts(context: FaultContext): Promise<string[]> {
  const run = uuidv7();
  const users = Array.from({ length: ACCOUNTS }, (_, index) => `backlog-${run.slice(-8)}-${index}`);
  await Promise.all(
    users.map(async (userId) => {
      await post(context, '/api/payments/accounts', { userId }, `open-${userId}`);
      await post(context, '/api/payments/accounts/deposit', { userId, amount: DEPOSIT }, `deposit-${userId}`);
    }),
  );
  return users;
}

/** Sends until it is done, under one key. */
async function post(context: FaultContext, path: string, body: object, key: string): Promise<void> {
  for (let attempt = 0; attempt < REQUEST_ATTEMPTS && !context.signal.aborted; attempt++) {
    const { host, port } = context.random.pick(context.cluster.gateways);
    const isDone = await fetch(`http://${host}:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isDone) return;
    await until(() => false, 500, context.signal);
  }
  throw new Error(`POST ${path} was not answered well in ${REQUEST_ATTEMPTS} attempts.`);
}

/** Orders and their events, each batch in one transaction, by the code of the orders service. */
async function writeOrders(context: FaultContext, users: readonly string[], count: number): Promise<number> {
  const sequelize = new Sequelize(context.cluster.ordersUrl, { dialect: 'postgres', logging: false, pool: { max: 1 } });
  const schemas = new EventSchemas([orderCreated]);
  const [settings] = await ask<{ lanes: number }>(context.cluster.ordersUrl, 'SELECT lanes FROM outbox_settings');
  if (settings === undefined) throw new Error('The outbox has no lanes yet.');
  let written = 0;
  try {
    while (written < count && !context.signal.aborted) {
      const orders = Array.from({ length: Math.min(BATCH, count - written) }, () =>
        placeOrder(
          { orderId: uuidv7(), userId: context.random.pick(users), amount: AMOUNT_MINOR_UNITS, description: null },
          new Date(),
        ),
      );
      await sequelize.transaction((transaction) =>
        createOrders(orders, {
          store: new PostgresOrderStore(transaction),
          addToOutbox: async (events) => {
            await addToOutbox({ sequelize, schemas, lanes: settings.lanes }, events, transaction);
          },
        }),
      );
      written += orders.length;
    }
  } finally {
    await sequelize.close();
  }
  return written;
}

export const BACKLOG_KINDS: readonly FaultKind[] = [
  backlog('backlog', 3000, 60_000, 20),
  { ...backlog('backlog-100000', 100_000, 300_000, 150), isLong: true },
];
