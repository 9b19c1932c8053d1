import { ServiceBroker, type Context } from 'moleculer';
import { assertBeforeDeadline, deadlineMiddleware, deadlineOf, steadyNow } from '../../kafka/deadline.ts';

let broker: ServiceBroker;
const ran: string[] = [];
let release: () => void = () => undefined;

beforeEach(async () => {
  ran.length = 0;
  broker = new ServiceBroker({ logger: false, requestTimeout: 5000, middlewares: [deadlineMiddleware] });
  broker.createService({
    name: 'calls',
    actions: {
      deadline: (ctx: Context): unknown => [deadlineOf(ctx.meta), Object.keys(ctx.meta)],
      nestedDeadlines: async (ctx: Context): Promise<unknown> => {
        const outer = deadlineOf(ctx.meta);
        const shorter = await ctx.call('calls.deadline', {}, { timeout: 100 });
        const longer = await ctx.call('calls.deadline', {}, { timeout: 60_000 });
        return { outer, shorter, longer, outerAfterwards: deadlineOf(ctx.meta) };
      },
      waits: async (ctx: Context): Promise<void> => {
        await new Promise<void>((resolve) => (release = resolve));
        ran.push('woke');
        assertBeforeDeadline(ctx);
        ran.push('wrote');
      },
      waitsThenCalls: async (ctx: Context): Promise<void> => {
        await new Promise<void>((resolve) => (release = resolve));
        ran.push('woke');
        // Not by ctx.call, which has a check of its own: this one goes round it.
        await broker.call('calls.writes', {}, { parentCtx: ctx });
      },
      writes: (): void => void ran.push('wrote'),
    },
  });
  await broker.start();
});

afterEach(() => broker.stop());

/** Lets the action go on, to its end: what it would still write is written by then. */
async function releaseAndSettle(): Promise<void> {
  release();
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

test('every call has a deadline: its own timeout, or the broker’s', async () => {
  const before = steadyNow();
  const [own, keys] = await broker.call<[number, string[]], object>('calls.deadline', {}, { timeout: 200 });
  const [general] = await broker.call<[number, string[]], object>('calls.deadline', {});
  expect(own - before).toBeGreaterThanOrEqual(200);
  expect(general - own).toBeGreaterThanOrEqual(4000);
  expect(keys).toEqual([]);
});

test('a nested call keeps the earlier deadline, and its own shorter one does not become its caller’s', async () => {
  const { outer, shorter, longer, outerAfterwards } = await broker.call<
    { outer: number; shorter: [number]; longer: [number]; outerAfterwards: number },
    object
  >('calls.nestedDeadlines', {}, { timeout: 3000 });
  expect(shorter[0]).toBeLessThan(outer);
  expect(longer[0]).toBeLessThanOrEqual(outer);
  expect(outerAfterwards).toBe(outer);
});

test('nothing is written after the caller gave up, though the action went on', async () => {
  await expect(broker.call('calls.waits', {}, { timeout: 200 })).rejects.toMatchObject({ type: 'REQUEST_TIMEOUT' });
  await releaseAndSettle();
  expect(ran).toEqual(['woke']);
});

test('no nested call starts after the caller gave up', async () => {
  await expect(broker.call('calls.waitsThenCalls', {}, { timeout: 200 })).rejects.toMatchObject({
    type: 'REQUEST_TIMEOUT',
  });
  await releaseAndSettle();
  expect(ran).toEqual(['woke']);
});

test('a call to another node that is never answered leaves nothing behind once it timed out', async () => {
  const removed: string[] = [];
  // The inside of a remote call: a promise that only an answer would settle.
  const unanswered = (): Promise<unknown> => new Promise(() => undefined);
  const call = deadlineMiddleware.remoteAction?.call(broker, unanswered as never, {} as never) as (
    ctx: Context,
  ) => Promise<unknown>;
  const ctx = {
    id: 'call-1',
    meta: {},
    options: { timeout: 20 },
    broker: { transit: { removePendingRequest: (id: string) => removed.push(id) } },
  };
  await expect(call(ctx as unknown as Context)).rejects.toMatchObject({ type: 'REQUEST_TIMEOUT' });
  expect(removed).toEqual(['call-1']);
});
