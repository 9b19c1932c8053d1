import { setImmediate } from 'node:timers/promises';
import type { Violation } from './checks.ts';
import { Customers } from './customers.ts';
import { beginDisasters, heal, putBack } from './disasters.ts';
import { World } from './world.ts';

/** Steps after which a healed world that is not at rest never will be. */
const MAX_STEPS_TO_REST = 40_000;
/** Looking whether all is at rest reads all tables. */
const LOOK_EVERY = 20;
const FINAL_WITHIN_MS = 60_000;

export interface SeedResult {
  readonly seed: number;
  /** Those of the faulty part, and those until everything was at rest. */
  readonly steps: number;
  readonly stepsToRest: number;
  /** Simulated time from the last fault to rest. */
  readonly restAfterMs: number;
  readonly traceHash: string;
  readonly orders: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly violation: Violation | null;
}

/**
 * Plays one seed: faults for so many steps, then everything heals, and comes to rest.
 *
 * @param onStep told of each step, for a trace
 */
export async function runSeed(seed: number, steps: number, onStep?: (line: string) => void): Promise<SeedResult> {
  const world = new World(seed);
  const { scheduler, checks } = world;
  if (onStep !== undefined) scheduler.onStep = onStep;
  const customers = new Customers(world);
  const disasters = beginDisasters(world);
  while (scheduler.steps < steps && checks.violation === null) await oneStep(world);

  const faultySteps = scheduler.steps;
  disasters.end();
  customers.isClosing = true;
  heal(world);
  const healedAtMs = scheduler.nowMs;
  let isAtRest = false;
  while (!isAtRest && checks.violation === null) {
    if (scheduler.steps % LOOK_EVERY === 0) {
      putBack(world);
      isAtRest = customers.areDone && isQuiet(world);
    }
    const isLate = scheduler.nowMs - healedAtMs > FINAL_WITHIN_MS;
    if (isLate || scheduler.steps - faultySteps > MAX_STEPS_TO_REST) break;
    await oneStep(world);
  }
  const restAfterMs = scheduler.nowMs - healedAtMs;
  if (checks.violation === null) judgeEnd(world, customers, isAtRest, restAfterMs);
  return {
    seed,
    steps: faultySteps,
    stepsToRest: scheduler.steps - faultySteps,
    restAfterMs,
    traceHash: (scheduler.traceHash >>> 0).toString(16).padStart(8, '0'),
    orders: world.orders.orders.rows.size,
    counts: world.counts,
    violation: checks.violation,
  };
}

/** One thing happens, and everything that follows from it without waiting. */
async function oneStep({ scheduler }: World): Promise<void> {
  if (!scheduler.step()) throw new Error('Nothing is left that could happen: a simulated node has stopped by itself.');
  await setImmediate();
}

/** Every order is final, nothing is on its way. */
function isQuiet({ orders, payments }: World): boolean {
  for (const database of [orders, payments]) {
    if (database.outbox.rows.size > 0 || database.outboxParked.rows.size > 0) return false;
  }
  for (const { status } of orders.orders.rows.values()) if (status === 'NEW') return false;
  return true;
}

function judgeEnd({ orders, payments, checks }: World, customers: Customers, isAtRest: boolean, tookMs: number): void {
  if (!isAtRest) {
    const open = [...orders.orders.rows.values()]
      .filter(({ status }) => status === 'NEW')
      .map(({ orderId }) => orderId);
    checks.violated(
      'I11',
      `${tookMs} ms after everything was healed, ${open.length} orders are not final (${open.slice(0, 3).join(', ')}), ` +
        `${orders.outbox.rows.size + payments.outbox.rows.size} events lie in the outboxes` +
        (customers.areDone ? '' : ', and a customer waits for an answer'),
    );
  }
  for (const { orderId } of customers.orders) {
    if (!orders.orders.rows.has(orderId)) checks.violated('I6', `order ${orderId} was accepted, and is not there`);
  }
  const deposited = new Map<string, bigint>();
  for (const { userId, kind, amount } of payments.entries.rows.values()) {
    if (kind === 'deposit') deposited.set(userId, (deposited.get(userId) ?? 0n) + amount);
  }
  const answered = new Map<string, bigint>();
  for (const { userId, amount } of customers.deposits) answered.set(userId, (answered.get(userId) ?? 0n) + amount);
  for (const [userId, amount] of answered) {
    // Every deposit is repeated under its key until it is answered: none is left over.
    if (deposited.get(userId) !== amount) {
      checks.violated('I6', `${userId} was told of deposits over ${amount}, and has ${deposited.get(userId) ?? 0n}`);
    }
  }
}
