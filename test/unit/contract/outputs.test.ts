import {
  AccountSchema,
  LedgerEntrySchema,
  OrderSchema,
  pageOf,
  type Account,
  type LedgerEntry,
  type Order,
} from '../../../contract/outputs.ts';
import { accountJson, orderJson, orderPageJson } from '../../../http/representations.ts';
import { compile } from '../../support/json-schema.ts';

const createdAt = '2026-01-02T03:04:05.678Z';
const order: Order = {
  orderId: '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293',
  userId: 'alice',
  amount: '40.05',
  description: null,
  status: 'CANCELLED',
  reason: 'no-account',
  version: 2,
  createdAt,
  updatedAt: createdAt,
};
const account: Account = { userId: 'alice', balance: '9999999999999.99', version: 3, createdAt, updatedAt: createdAt };
const entry: LedgerEntry = {
  entryId: '0193b5a0-7c1e-7a2b-8c3d-4e5f60718294',
  userId: 'alice',
  kind: 'payment',
  amount: '-40.05',
  balanceAfter: '0',
  version: 3,
  orderId: order.orderId,
  createdAt,
};

function onTheWire(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('what the door writes of an order, an account and a page fits the schema of its answer, and has nothing besides', () => {
  for (const [schema, json] of [
    [OrderSchema, orderJson(order)],
    [AccountSchema, accountJson(account)],
    [pageOf(OrderSchema, 'Orders.'), orderPageJson({ items: [order], nextCursor: null })],
  ] as const) {
    const fits = compile(schema);
    fits(onTheWire(json));
    expect(fits.errors).toBeNull();
    expect(Object.keys(json)).toEqual(Object.keys(schema.properties));
  }
});

test('money between nodes is text, and is refused by the schema of an answer: a client reads numbers', () => {
  for (const [schema, value, names] of [
    [OrderSchema, order, ['/amount']],
    [AccountSchema, account, ['/balance']],
    [LedgerEntrySchema, entry, ['/amount', '/balanceAfter']],
  ] as const) {
    const fits = compile(schema);
    fits(value);
    expect(fits.errors?.map(({ instancePath }) => instancePath)).toEqual(names);
  }
});
