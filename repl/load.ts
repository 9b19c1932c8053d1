import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import type { ServiceBroker } from 'moleculer';
import { STATUSES_MAX_ORDERS, type OrderChange } from '../contract/order-changes.ts';
import type { Order } from '../contract/outputs.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import type { ReplCommand } from './command.ts';
import { duration } from './print-table.ts';

const LOOK_EVERY_MS = 100;
/** When nothing has become final for so long, what is left is reported as it is. */
const PATIENCE_MS = 30_000;

/** `load`, to Moleculer's REPL `load-orders`: plays orders through the system, and says how long they took to become final. */
export const load: ReplCommand = {
  name: 'load-orders',
  description: 'plays orders through the running system; they and their accounts stay. Short: load',
  usage: ['[--orders <n>] [--rate <per second>] [--users <n>] [--json]'],
  options: {
    orders: { value: 'n', description: 'how many; 100' },
    rate: { value: 'n', description: 'per second; 50' },
    users: { value: 'n', description: 'accounts of their own; 10' },
    json: { description: 'the result as one JSON document, without a bar' },
  },
  async run({ broker, values, switches, print }) {
    const count = readCount('orders', values['orders'], 100, 100_000);
    const rate = readCount('rate', values['rate'], 50, 10_000);
    const users = await openAccounts(broker, readCount('users', values['users'], 10, 10_000), count);
    const bar = switches.has('json') ? null : new ProgressBar(process.stdout, process.env, 'orders', count);
    const result = await play(broker, { count, rate, users, onFinal: () => bar?.advance() });
    print(switches.has('json') ? JSON.stringify(result) : describe(result));
  },
};

interface Result {
  readonly orders: number;
  readonly finished: number;
  readonly cancelled: number;
  /** Refused or not answered: no order, or one that nobody knows of here. */
  readonly failed: number;
  /** Not final when it ended. */
  readonly open: number;
  /** From creation to the final state, by the clock of orders. */
  readonly toFinalMs: { readonly p50: number | null; readonly p99: number | null };
  readonly firstError: string | null;
}

function readCount(option: string, typed: string | undefined, otherwise: number, most: number): number {
  const count = Number(typed ?? otherwise);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new Error(`--${option} is "${typed ?? ''}"; it is a whole number from 1 to ${most}.`);
}

/** Each has enough for its share of the orders, of one unit each, but the last: its orders are cancelled. */
async function openAccounts(broker: ServiceBroker, count: number, orders: number): Promise<string[]> {
  const run = randomBytes(4).toString('hex');
  const users = Array.from({ length: count }, (_, index) => `load-${run}-${index}`);
  const amount = `${Math.ceil(orders / count)}.00`;
  for (const userId of users) {
    await broker.call('payments.openAccount', { userId });
    if (count === 1 || userId !== users.at(-1)) await broker.call('payments.deposit', { userId, amount });
  }
  return users;
}

async function play(
  broker: ServiceBroker,
  of: { count: number; rate: number; users: readonly string[]; onFinal: () => void },
): Promise<Result> {
  const open = new Map<string, string>();
  const final: OrderChange[] = [];
  const tookMs: number[] = [];
  let failed = 0;
  let firstError: string | null = null;
  const began = performance.now();
  const place = async (index: number): Promise<void> => {
    await sleep(Math.max(0, began + (index * 1000) / of.rate - performance.now()));
    try {
      const userId = of.users[index % of.users.length];
      const order = await broker.call<Order, object>('orders.create', { userId, amount: '1.00' });
      open.set(order.orderId, order.createdAt);
    } catch (error) {
      failed++;
      firstError ??= (error as Error).message;
      of.onFinal();
    }
  };
  const look = async (): Promise<number> => {
    const ids = [...open.keys()].slice(0, STATUSES_MAX_ORDERS);
    const changes =
      ids.length === 0 ? [] : await broker.call<OrderChange[], object>('orders.statuses', { orderIds: ids });
    for (const change of changes) {
      tookMs.push(Date.parse(change.updatedAt) - Date.parse(open.get(change.orderId) ?? change.updatedAt));
      open.delete(change.orderId);
      final.push(change);
      of.onFinal();
    }
    return changes.length;
  };
  const placed = { all: false };
  const placing = Promise.all(Array.from({ length: of.count }, (_, index) => place(index))).then(() => {
    placed.all = true;
  });
  const isOver = (): boolean => placed.all && open.size === 0;
  for (let movedAt = performance.now(); !isOver() && performance.now() - movedAt < PATIENCE_MS;) {
    if ((await look()) > 0 || !placed.all) movedAt = performance.now();
    if (!isOver()) await sleep(LOOK_EVERY_MS);
  }
  await placing;
  tookMs.sort((a, b) => a - b);
  const percentile = (share: number): number | null => tookMs[Math.ceil(tookMs.length * share) - 1] ?? null;
  const finished = final.filter(({ status }) => status === 'FINISHED').length;
  return {
    orders: of.count,
    finished,
    cancelled: final.length - finished,
    failed,
    open: open.size,
    toFinalMs: { p50: percentile(0.5), p99: percentile(0.99) },
    firstError,
  };
}

function describe({ orders, finished, cancelled, failed, open, toFinalMs, firstError }: Result): string {
  return [
    `${orders} orders: ${finished} finished, ${cancelled} cancelled, ${failed} failed, ${open} still NEW.`,
    `From creation to final: p50 ${duration(toFinalMs.p50)}, p99 ${duration(toFinalMs.p99)}.`,
    ...(firstError === null ? [] : [`The first that failed: ${firstError}`]),
  ].join('\n');
}
