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
  await expect(broker.call('calls.waits', {}, { timeout: 20 })).rejects.toMatchObject({ type: 'REQUEST_TIMEOUT' });
  release();
  await new Promise(setImmediate);
  expect(ran).toEqual(['woke']);
});

test('no nested call starts after the caller gave up', async () => {
  await expect(broker.call('calls.waitsThenCalls', {}, { timeout: 20 })).rejects.toMatchObject({
    type: 'REQUEST_TIMEOUT',
  });
  release();
  await new Promise(setImmediate);
  expect(ran).toEqual(['woke']);
});
