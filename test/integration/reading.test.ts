import type { ServiceBroker } from 'moleculer';
import type { RestService } from '../../mixins/rest.mixin.ts';
import { eventually } from '../support/eventually.ts';
import { badFieldsOf, expectProblem } from '../support/expect-problem.ts';
import { post, send, type HttpAnswer } from '../support/http-client.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

const ACCOUNTS = '/api/payments/accounts';

interface Item {
  readonly orderId: string;
  readonly status: string;
  readonly version: number;
  readonly amount: number;
  readonly balanceAfter: number;
}

let cluster: ShopCluster;
let api: number;
let payments: ServiceBroker;

beforeAll(async () => {
  cluster = await shopCluster();
  const [gateway, orders] = await Promise.all([cluster.start('api'), cluster.start('orders')]);
  payments = await cluster.start('payments');
  await Promise.all([gateway.waitForServices(['orders', 'payments']), orders.waitForServices(['payments'])]);
  api = (gateway.getLocalService('api') as RestService).listener.port;
}, 120_000);

afterAll(() => cluster.end());

async function ok(request: Promise<HttpAnswer>): Promise<HttpAnswer> {
  const answer = await request;
  if (answer.status >= 300) throw new Error(answer.text);
  return answer;
}

async function open(userId: string): Promise<void> {
  await ok(post(api, ACCOUNTS, { userId }));
}

async function deposit(userId: string, amount: number): Promise<void> {
  await ok(post(api, `${ACCOUNTS}/deposit`, { userId, amount }));
}

async function create(userId: string, amount = 1): Promise<string> {
  const { json } = await ok(post(api, '/api/orders', { userId, amount }));
  return json?.orderId as string;
}

/** So many orders, whose ids are the answers of earlier requests. */
async function createMany(userId: string, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => create(userId)));
}

/** Pages of a list from the newest on, with something done between each and the next. */
async function readAll(list: string, between: () => Promise<unknown>): Promise<Item[][]> {
  const pages: Item[][] = [];
  let cursor: string | null = null;
  do {
    const { json } = await ok(send(api, cursor === null ? list : `${list}&cursor=${cursor}`));
    pages.push(json?.items as Item[]);
    cursor = json?.nextCursor as string | null;
    if (pages.length > 100) throw new Error('The list has no end.');
    await between();
  } while (cursor !== null);
  return pages;
}

function cents(amount: number): number {
  return Math.round(amount * 100);
}

describe('pages of a list', () => {
  test('neither skip nor repeat an order while others arrive and are settled', async () => {
    await open('ann');
    await deposit('ann', 1000);
    const there = (await createMany('ann', 60)).sort().reverse();
    let arrived = 0;
    const pages = await readAll('/api/orders?userId=ann&limit=7', async () => {
      arrived += (await createMany('ann', 3)).length;
    });
    const read = pages.flat().map(({ orderId }) => orderId);
    expect(read.filter((orderId) => there.includes(orderId))).toEqual(there);
    expect(read).toEqual([...new Set(read)].sort().reverse());
    expect(pages.slice(0, -1).every((page) => page.length === 7)).toBe(true);
    expect(arrived).toBeGreaterThan(20);
    // What was settled meanwhile kept its place.
    await eventually(async () => {
      const again = (await readAll('/api/orders?userId=ann&limit=200', () => Promise.resolve())).flat();
      expect(again).toHaveLength(there.length + arrived);
      expect(again.every(({ status }) => status === 'FINISHED')).toBe(true);
    });
  });

  test('of one status never repeat an order that leaves it, nor skip one that stays', async () => {
    await open('ben');
    await deposit('ben', 30);
    await cluster.stop(payments);
    const there = (await createMany('ben', 40)).sort().reverse();
    const list = '/api/orders?userId=ben&status=NEW&limit=7';
    let pagesRead = 0;
    const pages = await readAll(list, async () => {
      pagesRead += 1;
      if (pagesRead < 3) await createMany('ben', 2);
      if (pagesRead !== 3) return;
      payments = await cluster.start('payments');
      await eventually(
        async () => {
          expect((await send(api, list)).json?.items).toEqual([]);
        },
        { timeoutMs: 30_000 },
      );
    });
    const read = pages.flat();
    expect(read.map(({ orderId }) => orderId)).toEqual(there.slice(0, 21));
    expect(read.every(({ status }) => status === 'NEW')).toBe(true);
    const finished = (await readAll('/api/orders?userId=ben&status=FINISHED&limit=7', () => Promise.resolve())).flat();
    const cancelled = (
      await readAll('/api/orders?userId=ben&status=CANCELLED&limit=7', () => Promise.resolve())
    ).flat();
    expect({ finished: finished.length, cancelled: cancelled.length }).toEqual({ finished: 30, cancelled: 14 });
    expect(new Set([...finished, ...cancelled].map(({ orderId }) => orderId)).size).toBe(44);
  }, 120_000);

  test('of entries neither skip nor repeat one while deposits arrive, each with the balance after it', async () => {
    await open('cleo');
    for (let amount = 1; amount <= 30; amount++) await deposit('cleo', amount);
    const orderId = await create('cleo', 400.05);
    await eventually(async () => {
      expect((await send(api, `/api/orders/${orderId}`)).json?.status).toBe('FINISHED');
    });
    const pages = await readAll(`${ACCOUNTS}/cleo/entries?limit=7`, () => deposit('cleo', 0.01));
    const read = pages.flat();
    expect(read.map(({ version }) => version)).toEqual(Array.from({ length: 31 }, (_, index) => 31 - index));
    expect(read[0]).toMatchObject({ kind: 'payment', amount: -400.05, balanceAfter: 64.95, orderId });
    expect(read[1]).toMatchObject({ kind: 'deposit', amount: 30, balanceAfter: 465, orderId: null });
    for (const [index, entry] of read.entries()) {
      const before = read[index + 1]?.balanceAfter ?? 0;
      expect(cents(entry.balanceAfter)).toBe(cents(before) + cents(entry.amount));
    }
  });

  test('of an account without entries are empty; of one that nobody opened there are none', async () => {
    await open('dora');
    expect((await send(api, `${ACCOUNTS}/dora/entries`)).json).toEqual({ items: [], nextCursor: null });
    expectProblem(await send(api, `${ACCOUNTS}/nobody/entries`), 404, 'account-not-found');
    expect((await send(api, '/api/orders?userId=nobody')).json).toEqual({ items: [], nextCursor: null });
  });
});

describe('a cursor', () => {
  let ofOrders: string;
  let ofNew: string;
  let ofEntries: string;

  beforeAll(async () => {
    for (const userId of ['fay', 'gus']) {
      await open(userId);
      for (let count = 0; count < 3; count++) await deposit(userId, 1);
    }
    await cluster.stop(payments);
    await createMany('fay', 3);
    const cursorOf = async (list: string): Promise<string> => (await ok(send(api, list))).json?.nextCursor as string;
    ofOrders = await cursorOf('/api/orders?userId=fay&limit=2');
    ofNew = await cursorOf('/api/orders?userId=fay&limit=2&status=NEW');
    payments = await cluster.start('payments');
    await eventually(async () => {
      ofEntries = await cursorOf(`${ACCOUNTS}/fay/entries?limit=2`);
    });
  }, 120_000);

  test('continues its own list, also with another limit', async () => {
    await ok(send(api, `/api/orders?userId=fay&cursor=${ofOrders}&limit=200`));
    await ok(send(api, `/api/orders?userId=fay&status=NEW&cursor=${ofNew}`));
    await ok(send(api, `${ACCOUNTS}/fay/entries?cursor=${ofEntries}&limit=1`));
  });

  test('of another user, status or list is refused', async () => {
    for (const list of [
      `/api/orders?userId=gus&cursor=${ofOrders}`,
      `/api/orders?userId=fay&status=NEW&cursor=${ofOrders}`,
      `/api/orders?userId=fay&status=FINISHED&cursor=${ofNew}`,
      `/api/orders?userId=fay&cursor=${ofNew}`,
      `/api/orders?userId=fay&cursor=${ofEntries}`,
      `${ACCOUNTS}/gus/entries?cursor=${ofEntries}`,
      `${ACCOUNTS}/fay/entries?cursor=${ofOrders}`,
    ]) {
      expect(badFieldsOf(await send(api, list))).toEqual(['cursor']);
    }
  });

  test('that was cut, extended, altered or written in another way is refused', async () => {
    for (const [list, cursor] of [
      ['/api/orders?userId=fay', ofOrders],
      [`${ACCOUNTS}/fay/entries?limit=2`, ofEntries],
    ] as const) {
      const swapped = (index: number): string =>
        cursor.slice(0, index) + (cursor[index] === 'A' ? 'B' : 'A') + cursor.slice(index + 1);
      const variants = [
        '',
        ...Array.from({ length: cursor.length }, (_, index) => cursor.slice(0, index)),
        ...Array.from({ length: cursor.length }, (_, index) => swapped(index)),
        `${cursor}A`,
        `${cursor}=`,
        `${cursor}==`,
        `A${cursor}`,
        ` ${cursor}`,
        `${cursor}\n`,
        cursor.toLowerCase(),
        cursor.split('').reverse().join(''),
        Buffer.from(cursor, 'base64url').toString('hex'),
        Buffer.from(cursor).toString('base64url'),
        `${cursor}${cursor}`,
        'null',
      ];
      for (const variant of variants) {
        expect(badFieldsOf(await send(api, `${list}&cursor=${encodeURIComponent(variant)}`))).toEqual(['cursor']);
      }
      expect(badFieldsOf(await send(api, `${list}&cursor=${cursor}&cursor=${cursor}`))).toEqual(['cursor']);
      expect(badFieldsOf(await send(api, `${list}&cursor[]=${cursor}`))).toEqual(['cursor[]']);
    }
  });
});

describe('an ETag', () => {
  /** What a client gets that has this. */
  async function asked(path: string, etag: string, method = 'GET'): Promise<HttpAnswer> {
    return send(api, path, { method, headers: { 'If-None-Match': etag } });
  }

  function expectNotModified(answer: HttpAnswer, etag: string): void {
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 304, text: '' });
    expect(answer.headers).toMatchObject({ etag, 'cache-control': 'private, no-cache' });
    for (const name of ['content-type', 'content-length', 'transfer-encoding']) {
      expect(answer.headers).not.toHaveProperty([name]);
    }
  }

  test('of an order stays as long as the order, and changes with its status', async () => {
    await open('hal');
    await deposit('hal', 5);
    await cluster.stop(payments);
    const path = `/api/orders/${await create('hal')}`;
    const first = await ok(send(api, path));
    const etag = first.headers.etag ?? '';
    expect(etag).toMatch(/^"\d+"$/);
    expect(first.json).not.toHaveProperty('version');
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      expectNotModified(await asked(path, known), etag);
      expectNotModified(await asked(path, known, 'HEAD'), etag);
    }
    expect((await send(api, path, { method: 'HEAD' })).headers.etag).toBe(etag);
    payments = await cluster.start('payments');
    const changed = await eventually(
      async () => {
        const answer = await asked(path, etag);
        expect(answer.status).toBe(200);
        return answer;
      },
      { timeoutMs: 30_000 },
    );
    expect(changed.json?.status).toBe('FINISHED');
    expect(changed.headers.etag).not.toBe(etag);
    expect((await asked(path, etag, 'HEAD')).status).toBe(200);
    expectNotModified(await asked(path, changed.headers.etag ?? ''), changed.headers.etag ?? '');
  }, 120_000);

  test('of an account changes with its balance', async () => {
    await open('ida');
    const path = `${ACCOUNTS}/ida`;
    const empty = (await ok(send(api, path))).headers.etag ?? '';
    expectNotModified(await asked(path, empty), empty);
    await deposit('ida', 5);
    const answer = await asked(path, empty);
    expect(answer).toMatchObject({ status: 200, json: { balance: 5, version: 1 } });
    expectNotModified(await asked(path, answer.headers.etag ?? ''), answer.headers.etag ?? '');
    expectNotModified(await asked(path, '*', 'HEAD'), answer.headers.etag ?? '');
  });

  test('is of no use where there is nothing', async () => {
    for (const [path, type] of [
      ['/api/orders/0193b5a0-7c1e-7a2b-8c3d-4e5f60718293', 'order-not-found'],
      [`${ACCOUNTS}/nobody`, 'account-not-found'],
    ] as const) {
      const answer = await asked(path, '*');
      expectProblem(answer, 404, type);
      expect(answer.headers).not.toHaveProperty('etag');
      expect((await asked(path, '*', 'HEAD')).status).toBe(404);
    }
  });
});
