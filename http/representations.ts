import type { Account, LedgerEntry, Order, Page } from '../contract/outputs.ts';

/** The JSON of each answer. Money becomes a JSON number by its decimal text, never by way of a double. */

function money(decimalText: string): RawJSON {
  return JSON.rawJSON(decimalText);
}

export function orderJson(order: Order): object {
  return {
    orderId: order.orderId,
    userId: order.userId,
    amount: money(order.amount),
    description: order.description,
    status: order.status,
    reason: order.reason,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
  };
}

export function orderPageJson(page: Page<Order>): object {
  return { items: page.items.map(orderJson), nextCursor: page.nextCursor };
}

export function accountJson(account: Account): object {
  return {
    userId: account.userId,
    balance: money(account.balance),
    version: account.version,
    createdAt: account.createdAt,
    updatedAt: account.updatedAt,
  };
}

function entryJson(entry: LedgerEntry): object {
  return {
    entryId: entry.entryId,
    userId: entry.userId,
    kind: entry.kind,
    amount: money(entry.amount),
    balanceAfter: money(entry.balanceAfter),
    version: entry.version,
    orderId: entry.orderId,
    createdAt: entry.createdAt,
  };
}

export function entryPageJson(page: Page<LedgerEntry>): object {
  return { items: page.items.map(entryJson), nextCursor: page.nextCursor };
}
