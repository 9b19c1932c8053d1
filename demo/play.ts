import { setTimeout as sleep } from 'node:timers/promises';
import { ProgressBar, type ProgressStream } from '../terminal/progress-bar.ts';
import { checkBook, type Accepted, type DemoCheck, type Listed, type Repeated } from './book.ts';
import { crashPayments, whyNoCrash, type Crash } from './crash.ts';
import { curlOf, customersOf, ordersOf, type Customer, type DemoOrder } from './customers.ts';
import { accountBody, depositBody, depositKey, Desk, forEach } from './desk.ts';
import { DemoError } from './options.ts';
import type { Place } from './place.ts';

export interface PlayOptions {
  readonly place: Place;
  readonly orders: number;
  readonly noCrash: boolean;
  readonly stream: ProgressStream;
  /** For `NO_COLOR` and `TERM`. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Played {
  readonly accepted: readonly Accepted[];
  readonly repeated: readonly Repeated[];
  /** Null where no node was killed; `noCrashBecause` says why. */
  readonly crash: Crash | null;
  readonly noCrashBecause: string | null;
  readonly checks: readonly DemoCheck[];
  /** An order that was accepted while the payments node was dead and is paid; null where there is none. */
  readonly survivor: string | null;
}

const SETTLED_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 300;

/** Plays the shop. @throws DemoError when the gateway refuses, or never answers */
export async function play(options: PlayOptions): Promise<Played> {
  const { place, stream } = options;
  const runId = Date.now().toString(36);
  const customers = customersOf(runId, options.orders);
  const desk = new Desk(place);
  const tell = (text = ''): void => {
    stream.write(`${text === '' ? '' : `  ${text}`}\n`);
  };
  try {
    await showFirst(place, desk, customers, tell);
    const sent = await sendOrders(options, desk, ordersOf(runId, customers, options.orders));
    const listed = await untilFinal(options, desk, customers);
    const checks = checkBook(options.orders, sent.accepted, sent.repeated, listed);
    return { ...sent, checks, survivor: survivorOf(sent, listed) };
  } finally {
    desk.close();
  }
}

/** The first account and deposit as a reader would send them; the others without a word. */
async function showFirst(
  place: Place,
  desk: Desk,
  customers: readonly Customer[],
  tell: (text?: string) => void,
): Promise<void> {
  const [first, ...others] = customers;
  if (first === undefined) throw new Error('There are customers.');
  const { userId, deposit } = first;
  tell();
  tell('An account, and money in it:');
  tell();
  tell(`$ ${curlOf(place, '/api/payments/accounts', accountBody(userId))}`);
  tell(await desk.open(first));
  tell(`$ ${curlOf(place, '/api/payments/accounts/deposit', depositBody(userId, deposit), depositKey(userId))}`);
  tell(await desk.payIn(first));
  tell();
  await forEach(others, async (customer) => {
    await desk.open(customer);
    await desk.payIn(customer);
  });
  tell(`${customers.length} customers have money; the last one too little.`);
  tell();
}

type Sent = Pick<Played, 'accepted' | 'repeated' | 'crash' | 'noCrashBecause'>;

async function sendOrders(options: PlayOptions, desk: Desk, orders: readonly DemoOrder[]): Promise<Sent> {
  const { place, noCrash, stream, env } = options;
  const accepted: Accepted[] = [];
  const repeated: Repeated[] = [];
  const noCrashBecause = whyNoCrash(place, noCrash);
  const bar = new ProgressBar(stream, env, 'Orders ', orders.length);
  let crash: Promise<Crash | null> | undefined;
  await forEach(orders, async (order) => {
    if (accepted.length >= orders.length / 2 && noCrashBecause === null) {
      crash ??= crashPayments(place, (pid) => {
        bar.say(`  ! The payments node (pid ${pid}) was killed; orders go on.`);
      });
    }
    const orderId = await desk.order(order);
    accepted.push({ orderId, userId: order.userId, acceptedAt: performance.now() });
    if (order.isRepeated) repeated.push({ firstId: orderId, secondId: await desk.order(order) });
    bar.advance();
  });
  const crashed = (await crash) ?? null;
  if (crashed !== null) {
    const seconds = ((crashed.backAt - crashed.killedAt) / 1000).toFixed(1);
    if (crashed.nextPid === null) throw new DemoError(`The payments node was not back after ${seconds} s.`);
    bar.say(`  ✓ The payments node works again (pid ${crashed.nextPid}), ${seconds} s later.`);
  } else {
    bar.say(`  No node was killed: ${noCrashBecause ?? "the payments node is another user's"}.`);
  }
  return { accepted, repeated, crash: crashed, noCrashBecause };
}

/** Asks until every order is final, or it has taken too long; each customer until theirs are. */
async function untilFinal({ orders, stream, env }: PlayOptions, desk: Desk, customers: readonly Customer[]) {
  const bar = new ProgressBar(stream, env, 'Settled', orders);
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  const found = new Map<Customer, Listed>();
  let shown = 0;
  for (;;) {
    const open = customers.filter((customer) => {
      const listed = found.get(customer);
      return listed === undefined || finalOf(listed) < listed.orders.length;
    });
    await forEach(open, async (customer) => {
      found.set(customer, await desk.look(customer));
    });
    const listed = [...found.values()];
    const final = listed.reduce((sum, each) => sum + finalOf(each), 0);
    if (final > shown) bar.advance(Math.min(final, orders) - shown);
    shown = final;
    const isDone = listed.every((each) => finalOf(each) === each.orders.length);
    if (isDone || performance.now() > deadline) return listed;
    await sleep(LOOK_EVERY_MS);
  }
}

function finalOf({ orders }: Listed): number {
  return orders.filter(({ status }) => status !== 'NEW').length;
}

function survivorOf({ accepted, crash }: Sent, listed: readonly Listed[]): string | null {
  if (crash === null) return null;
  const paid = new Set(
    listed.flatMap(({ orders }) => orders.filter(({ status }) => status === 'FINISHED').map(({ orderId }) => orderId)),
  );
  const during = accepted.filter(({ acceptedAt }) => acceptedAt > crash.killedAt && acceptedAt < crash.backAt);
  return during.find(({ orderId }) => paid.has(orderId))?.orderId ?? null;
}
