import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../shop/shop-client.ts';
import type { AccountHistory, OrderHistory } from '../history/account-history.ts';
import type { History } from '../history/history.ts';
import { readFields, textOf, type Fields } from '../history/read-json.ts';
import type { Violation } from '../history/violation.ts';
import { Doors, type Gateway } from '../load/doors.ts';
import { checkAccount, type AccountAsRead } from './check-account.ts';

/** Accounts that are read at once. */
const IN_PARALLEL = 16;
/** Several pages for most accounts, and not hundreds for a hot one. */
const PAGE = 50;
const ATTEMPTS = 20;
const PAUSE_MS = 500;

/** What REST said in the end. */
export interface RestFindings {
  readonly violations: readonly Violation[];
  /** How much was read. */
  readonly counted: Readonly<Record<string, number>>;
}

/**
 * Reads every account of a campaign through REST alone, when nothing is broken any more, and compares it with its history.
 *
 * @throws Error when a gateway does not answer
 */
export async function checkThroughRest(history: History, gateways: readonly Gateway[]): Promise<RestFindings> {
  const doors = new Doors(gateways, IN_PARALLEL);
  const ordersOf = Map.groupBy(history.orders.values(), ({ write }) => write.account);
  const violations: Violation[] = [];
  const counted = { accounts: 0, orders: 0, entries: 0 };
  const next = history.accounts.values();
  const check = async (account: AccountHistory): Promise<void> => {
    const orders = new Map(
      (ordersOf.get(account) ?? []).map((order): [string, OrderHistory] => [order.orderId, order]),
    );
    const read = await readWhole(doors, account.userId);
    counted.accounts += 1;
    counted.orders += read.orders.length;
    counted.entries += read.entries.length;
    violations.push(...checkAccount(account, orders, read));
  };
  const serve = async (): Promise<void> => {
    for (const account of next) await check(account);
  };
  try {
    await Promise.all(Array.from({ length: IN_PARALLEL }, serve));
  } finally {
    doors.close();
  }
  return { violations, counted };
}

async function readWhole(doors: Doors, userId: string): Promise<AccountAsRead> {
  const account = await ask(doors, `/api/payments/accounts/${userId}`);
  const entries =
    account === null ? [] : await readPages(doors, `/api/payments/accounts/${userId}/entries?limit=${PAGE}`);
  const orders = await readPages(doors, `/api/orders?userId=${userId}&limit=${PAGE}`);
  return { account, entries, orders };
}

async function readPages(doors: Doors, path: string): Promise<Fields[]> {
  const items: Fields[] = [];
  // Bounded by what is there: each page is shorter or names a further one.
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Fields | null = await ask(doors, cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`);
    if (Array.isArray(page?.['items'])) items.push(...(page['items'] as Fields[]));
    cursor = textOf(page?.['nextCursor']) || null;
  }
  return items;
}

/** @returns null for 404 */
async function ask(doors: Doors, path: string): Promise<Fields | null> {
  let answer: Answer | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    answer = await doors.send(attempt, 'GET', path);
    if (answer.status === 200) return readFields(answer.body);
    if (answer.status === 404) return null;
    await sleep(PAUSE_MS);
  }
  throw new Error(`GET ${path} is answered ${answer?.status ?? 0} when nothing is broken: ${answer?.body ?? ''}`);
}
