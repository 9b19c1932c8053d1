import { EventEmitter } from 'node:events';
import type { OrderChange } from '../../../contract/order-changes.ts';
import type { Order } from '../../../contract/outputs.ts';
import { LiveOrders, type LiveOrdersOptions, type WatchRequest } from '../../../http/live/live-orders.ts';

const NEW: Order = {
  orderId: 'o1',
  userId: 'ann',
  amount: '40.05',
  description: 'tea',
  status: 'NEW',
  reason: null,
  version: 1,
  createdAt: '2026-01-02T03:04:05.006Z',
  updatedAt: '2026-01-02T03:04:05.006Z',
};
const FINISHED: OrderChange = {
  orderId: 'o1',
  status: 'FINISHED',
  reason: null,
  version: 2,
  updatedAt: '2026-01-02T03:04:06.007Z',
};
const FINAL: Order = { ...NEW, ...FINISHED };

/** A response that keeps what was written. */
class Written extends EventEmitter {
  status = 0;
  text = '';
  writableLength = 0;
  destroyed = false;
  hasEnded = false;

  writeHead(status: number): this {
    this.status = status;
    return this;
  }

  write(text: string): boolean {
    if (this.hasEnded) throw new Error('written after the end');
    this.text += text;
    return true;
  }

  end(): this {
    this.hasEnded = true;
    this.emit('close');
    return this;
  }

  destroy(): this {
    this.destroyed = true;
    this.emit('close');
    return this;
  }

  /** Versions and statuses, in the order in which they were written. */
  get told(): string[] {
    return [...this.text.matchAll(/id: (\d+)\nevent: status\ndata: (.*)\n\n/g)].map(
      ([, id, data]) => `${id ?? ''} ${(JSON.parse(data ?? '') as Order).status}`,
    );
  }
}

type Answered = Parameters<LiveOrders['answer']>[1];

let live: LiveOrders;
let questions: string[][];
let settled: OrderChange[];

function start(options: Partial<LiveOrdersOptions> = {}): LiveOrders {
  live = new LiveOrders({
    askSettled: (orderIds) => {
      questions.push(orderIds);
      return Promise.resolve(settled.filter(({ orderId }) => orderIds.includes(orderId)));
    },
    logger: { info: () => undefined, warn: () => undefined },
    ...options,
  });
  live.start();
  return live;
}

beforeEach(() => {
  questions = [];
  settled = [];
  start();
});

afterEach(() => {
  live.end();
});

/** Watches an order; `read` is what `orders.show` answers. */
async function watch(
  read: () => Order | Promise<Order> = () => NEW,
  request: Partial<WatchRequest> = {},
): Promise<Written> {
  const response = new Written();
  await live.answer(
    { orderId: 'o1', toldVersion: null, headersOnly: false, ...request },
    response as unknown as Answered,
    async () => read(),
  );
  return response;
}

describe('the status now, the change, the end', () => {
  test('a new order is told, then its change, and the stream ends', async () => {
    const response = await watch();
    expect(response).toMatchObject({ status: 200, told: ['1 NEW'], hasEnded: false });
    live.take([FINISHED]);
    expect(response).toMatchObject({ told: ['1 NEW', '2 FINISHED'], hasEnded: true });
    expect(live.openStreams).toBe(0);
  });

  test('an event is the order’s JSON on one line, after one retry', async () => {
    const response = await watch(() => ({ ...NEW, description: 'two\nlines\r' }));
    expect(response.text).toBe(
      'retry: 2000\n\nid: 1\nevent: status\ndata: {"orderId":"o1","userId":"ann","amount":40.05,"description":"two\\nlines\\r",' +
        '"status":"NEW","reason":null,"createdAt":"2026-01-02T03:04:05.006Z","updatedAt":"2026-01-02T03:04:05.006Z"}\n\n',
    );
    live.take([FINISHED]);
    expect(response.text).toContain('"description":"two\\nlines\\r","status":"FINISHED"');
    expect(response.text.match(/retry/g)).toHaveLength(1);
  });

  test('an order that is final already is told once, and the stream ends', async () => {
    const response = await watch(() => FINAL);
    expect(response).toMatchObject({ told: ['2 FINISHED'], hasEnded: true });
    expect(live.openStreams).toBe(0);
  });

  test('several watch one order, and others are not concerned', async () => {
    const [first, second, other] = [await watch(), await watch(), await watch(() => NEW, { orderId: 'o2' })];
    live.take([FINISHED]);
    expect([first.told, second.told, other.told]).toEqual([
      ['1 NEW', '2 FINISHED'],
      ['1 NEW', '2 FINISHED'],
      ['1 NEW'],
    ]);
    expect(live.openStreams).toBe(1);
  });
});

describe('a change is neither lost nor doubled, wherever it falls', () => {
  test('before the read: the read has it', async () => {
    const response = await watch(() => {
      live.take([FINISHED]);
      return FINAL;
    });
    expect(response).toMatchObject({ told: ['2 FINISHED'], hasEnded: true });
  });

  test('during the read, which still answers the old status', async () => {
    const response = await watch(() => {
      live.take([FINISHED]);
      return NEW;
    });
    expect(response).toMatchObject({ told: ['2 FINISHED'], hasEnded: true });
  });

  test('as soon as the read begins: the subscription is there first', async () => {
    let subscribed = 0;
    await watch(() => {
      subscribed = live.openStreams;
      return NEW;
    });
    expect(subscribed).toBe(1);
  });

  test('after the read, twice', async () => {
    const response = await watch();
    live.take([FINISHED]);
    live.take([FINISHED]);
    expect(response.told).toEqual(['1 NEW', '2 FINISHED']);
  });

  test('twice in one broadcast', async () => {
    const response = await watch();
    live.take([FINISHED, FINISHED]);
    expect(response.told).toEqual(['1 NEW', '2 FINISHED']);
  });

  test('an older one never follows a newer', async () => {
    const response = await watch(() => ({ ...NEW, version: 3 }));
    live.take([{ ...FINISHED, version: 2 }]);
    expect(response.told).toEqual(['3 NEW']);
    live.take([{ ...FINISHED, version: 4 }]);
    expect(response.told).toEqual(['3 NEW', '4 FINISHED']);
    const during = await watch(() => {
      live.take([FINISHED, { ...FINISHED, status: 'NEW', version: 1 }]);
      return NEW;
    });
    expect(during.told).toEqual(['2 FINISHED']);
  });

  test('in a broadcast that was lost: the next question covers it', async () => {
    const response = await watch();
    settled = [FINISHED];
    expect(await live.catchUp()).toBe(1);
    expect(response).toMatchObject({ told: ['1 NEW', '2 FINISHED'], hasEnded: true });
    live.take([FINISHED]);
    expect(response.told).toEqual(['1 NEW', '2 FINISHED']);
  });
});

describe('questions', () => {
  test('name each watched order once, at most 1000 at a time, and nobody asks when nothing is watched', async () => {
    expect(await live.catchUp()).toBe(0);
    expect(questions).toEqual([]);
    for (let index = 0; index < 2001; index++) await watch(() => NEW, { orderId: `o${index}` });
    await watch(() => NEW, { orderId: 'o0' });
    await live.catchUp();
    expect(questions.map(({ length }) => length)).toEqual([1000, 1000, 1]);
    expect(new Set(questions.flat()).size).toBe(2001);
  });

  test('go on after one that failed, and say so once', async () => {
    live.end();
    const said: string[] = [];
    const enough = Promise.withResolvers<null>();
    let asked = 0;
    start({
      catchUpIntervalMs: 1,
      askSettled: () => {
        asked++;
        if (asked === 5) enough.resolve(null);
        return asked < 4 ? Promise.reject(new Error('nobody there')) : Promise.resolve([FINISHED]);
      },
      logger: { info: (text) => said.push(text), warn: (text) => said.push(text) },
    });
    const response = await watch();
    await new Promise((resolve) => response.once('close', resolve));
    expect(response.told).toEqual(['1 NEW', '2 FINISHED']);
    await watch();
    await enough.promise;
    expect(said.filter((text) => text.includes('nobody there'))).toHaveLength(1);
    expect(said.filter((text) => text.includes('can be asked for again'))).toHaveLength(1);
  });

  test('never overlap', async () => {
    live.end();
    let asking = 0;
    const overlaps: number[] = [];
    const enough = Promise.withResolvers<null>();
    start({
      catchUpIntervalMs: 1,
      askSettled: async () => {
        overlaps.push(++asking);
        await new Promise((resolve) => setTimeout(resolve, 5));
        asking--;
        if (overlaps.length === 5) enough.resolve(null);
        return [];
      },
    });
    await watch();
    await enough.promise;
    expect(new Set(overlaps)).toEqual(new Set([1]));
  });
});

describe('a client that comes back', () => {
  test('and has seen NEW waits for the change', async () => {
    const response = await watch(() => NEW, { toldVersion: 1 });
    expect(response).toMatchObject({ status: 200, text: 'retry: 2000\n\n', hasEnded: false });
    live.take([FINISHED]);
    expect(response.told).toEqual(['2 FINISHED']);
  });

  test('and missed the change gets it', async () => {
    expect(await watch(() => FINAL, { toldVersion: 1 })).toMatchObject({ status: 200, told: ['2 FINISHED'] });
  });

  test('and has seen the end is told 204, which stops an EventSource', async () => {
    expect(await watch(() => FINAL, { toldVersion: 2 })).toMatchObject({ status: 204, text: '', hasEnded: true });
    expect(live.openStreams).toBe(0);
  });

  test('and names a version that the order does not have is told what there is', async () => {
    expect((await watch(() => NEW, { toldVersion: 7 })).told).toEqual(['1 NEW']);
  });
});

test('HEAD answers the headers and leaves nothing open', async () => {
  expect(await watch(() => NEW, { headersOnly: true })).toMatchObject({ status: 200, text: '', hasEnded: true });
  expect(live.openStreams).toBe(0);
});

test('an error of the read is the caller’s, and nothing is written or left open', async () => {
  const unknown = new Error('There is no such order.');
  await expect(watch(() => Promise.reject(unknown))).rejects.toBe(unknown);
  expect(live.openStreams).toBe(0);
});

test('a client that leaves during the read leaves nothing behind', async () => {
  const response = new Written();
  await live.answer({ orderId: 'o1', toldVersion: null, headersOnly: false }, response as unknown as Answered, () => {
    response.destroy();
    return Promise.resolve(NEW);
  });
  expect(response).toMatchObject({ status: 0, text: '' });
  expect(live.openStreams).toBe(0);
});

test('a client that leaves later leaves nothing behind', async () => {
  const response = await watch();
  response.destroy();
  expect(live.openStreams).toBe(0);
  live.take([FINISHED]);
  expect(response.told).toEqual(['1 NEW']);
});

describe('bounds', () => {
  test('more streams than there may be are refused, and taken again when one has ended', async () => {
    live.end();
    start({ maxStreams: 2 });
    const first = await watch();
    await watch();
    await expect(watch()).rejects.toMatchObject({ type: 'service-unavailable', data: { retryAfterS: 5 } });
    first.destroy();
    expect((await watch()).status).toBe(200);
  });

  test('heartbeats come in silence, to each stream at its own time', async () => {
    const response = await watch();
    const opened = performance.now();
    live.tick(opened + 14_000);
    expect(response.text).not.toContain(': heartbeat');
    live.tick(opened + 15_000);
    live.tick(opened + 29_000);
    expect(response.text.match(/^: heartbeat$/gm)).toHaveLength(1);
    live.tick(opened + 30_001);
    expect(response.text.match(/^: heartbeat$/gm)).toHaveLength(2);
    expect(response.told).toEqual(['1 NEW']);
  });

  test('a client that has read nothing for a heartbeat is cut off', async () => {
    const response = await watch();
    response.writableLength = 1;
    live.tick(performance.now() + 14_000);
    expect(response.destroyed).toBe(false);
    live.tick(performance.now() + 15_000);
    expect(response.destroyed).toBe(true);
    expect(live.openStreams).toBe(0);
  });

  test('a stream that is half an hour old ends, and its client comes back', async () => {
    const response = await watch();
    live.tick(performance.now() + 30 * 60_000 + 1);
    expect(response).toMatchObject({ hasEnded: true, destroyed: false, told: ['1 NEW'] });
    expect(live.openStreams).toBe(0);
  });
});

describe('a door that stops', () => {
  test('ends every stream at once and takes no more', async () => {
    const responses = [await watch(), await watch(() => NEW, { orderId: 'o2' })];
    live.end();
    expect(responses.map(({ hasEnded }) => hasEnded)).toEqual([true, true]);
    expect(live.openStreams).toBe(0);
    await expect(watch()).rejects.toMatchObject({ type: 'service-unavailable' });
    live.start();
    expect((await watch()).status).toBe(200);
  });

  test('refuses a stream whose order it is just reading', async () => {
    const read = watch(() => {
      live.end();
      return NEW;
    });
    await expect(read).rejects.toMatchObject({ type: 'service-unavailable' });
  });
});
