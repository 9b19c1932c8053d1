import type { Transaction } from 'sequelize';
import { crashPoint } from '../../crash-points/crash-point.ts';
import type { ReceivedEvent } from '../../events/event.ts';
import type { Logger } from '../../kafka/client.ts';
import { TRANSACTION_TIMEOUT_MS } from '../database/session-limits.ts';
import type { Clock } from '../time/clock.ts';
import type { SettleStore } from './inbox-store.ts';
import { mismatch, planBatch, type Plan } from './plan-batch.ts';
import { aggregateKey, placeId, type Aggregate, type InboxMessage, type Poison } from './record.ts';

/** What a handler is given beside its events. */
export interface HandleContext<T = Transaction> {
  readonly transaction: T;
  /**
   * Has something done once the transaction is committed, and never when it is rolled back or its COMMIT fails. A
   * process that dies just then has not done it: for what may be lost, as a hint to others may.
   */
  readonly afterCommit: (callback: () => void) => void;
}

/** A consumer's own part of the transaction. */
export type Handle<T = Transaction> = (events: ReceivedEvent[], context: HandleContext<T>) => Promise<void>;

export interface SettleContext<T = Transaction> {
  readonly store: SettleStore<T>;
  readonly clock: Clock;
  /** Name of the consumer: `service.consumer`. */
  readonly consumer: string;
  readonly handle: Handle<T>;
  readonly logger: Pick<Logger, 'error'>;
  /** The how manieth attempt at this batch it is; the first unless given. */
  readonly attempt?: number;
  /** Runs in the transaction, just before its end. */
  readonly alongside?: ((transaction: T) => Promise<void>) | undefined;
}

export interface Settled {
  /** Events that the handler was given. */
  readonly handled: number;
  readonly duplicates: number;
  /** New dead letters. */
  readonly parked: number;
  /** From the start of the handler to the end of the commit: how long business rows were locked. 0 when it had nothing to do. */
  readonly lockMs: number;
}

/** The attempt found out something that changes the plan: nothing was committed, the batch is to be tried again with it. */
export class Found extends Error {
  readonly findings: ReadonlyMap<string, Poison>;

  constructor(findings: ReadonlyMap<string, Poison>) {
    super('The batch has to be planned anew.');
    this.findings = findings;
  }
}

/**
 * Settles a batch in one transaction: inbox rows, the handler on what is fresh, dead letters for what cannot be.
 *
 * An error at COMMIT leaves it unknown whether the batch is settled. The caller settles the same batch again, on
 * another connection: the inbox rows tell what is there, and the handler gets the rest.
 *
 * @param messages in order of arrival, each partition in order of offset
 * @param findings what earlier attempts at these messages have found out, by place
 * @throws Found when the plan has to change; whatever the handler or PostgreSQL threw. Nothing is settled then.
 */
export async function settleBatch<T>(
  context: SettleContext<T>,
  messages: readonly InboxMessage[],
  findings: ReadonlyMap<string, Poison>,
): Promise<Settled> {
  let settled = { handled: 0, duplicates: 0, parked: 0 };
  let handlerStart = 0;
  // Not Sequelize's own afterCommit: that one runs also when the COMMIT has failed.
  const afterCommit: (() => void)[] = [];
  await context.store.transaction(async (transaction) => {
    const plan = await makePlan(context, messages, findings, transaction);
    const fresh = await insertInboxRows(context, plan, transaction);
    const parked = plan.parked.length === 0 ? 0 : await context.store.park(plan.parked, transaction);
    handlerStart = context.clock.now();
    if (fresh.length > 0) {
      const handled = context.handle(fresh, {
        transaction,
        afterCommit: (callback) => {
          afterCommit.push(callback);
        },
      });
      await inTime(handled, context.clock);
    }
    await context.alongside?.(transaction);
    crashPoint('consumer.before-commit');
    settled = {
      handled: fresh.length,
      duplicates: plan.duplicates + plan.candidates.length - fresh.length,
      parked,
    };
  });
  crashPoint('consumer.after-commit');
  const lockMs = settled.handled === 0 ? 0 : context.clock.now() - handlerStart;
  for (const callback of afterCommit) runCommitted(context, callback);
  return { ...settled, lockMs };
}

/** The batch is settled, whatever becomes of this. */
function runCommitted<T>({ consumer, logger }: SettleContext<T>, callback: () => void): void {
  try {
    callback();
  } catch (error) {
    logger.error(`Consumer ${consumer}: what was to be done after a commit failed:`, error);
  }
}

/** PostgreSQL ends the transaction after that long; a handler that waits for something else would hold the consumer for ever. */
async function inTime(handled: Promise<void>, clock: Clock): Promise<void> {
  const isOver = new AbortController();
  const late = clock.pause(TRANSACTION_TIMEOUT_MS, isOver.signal).then(() => {
    if (!isOver.signal.aborted) throw new Error(`The handler has not ended after ${TRANSACTION_TIMEOUT_MS} ms.`);
  });
  await Promise.race([handled, late]).finally(() => {
    isOver.abort();
  });
}

/** Asks the database what it knows about the batch, under the locks of those aggregates of which something is or will be parked. */
async function makePlan<T>(
  { store }: SettleContext<T>,
  messages: readonly InboxMessage[],
  findings: ReadonlyMap<string, Poison>,
  transaction: T,
): Promise<Plan> {
  const all = messages.flatMap(({ aggregate }) => aggregate ?? []);
  const poisoned = messages.filter(({ place, poison }) => poison !== null || findings.has(place));
  const parkedNow = await store.parkedAggregates(all, transaction);
  if (parkedNow.size === 0 && poisoned.length === 0) {
    return checked(planBatch(messages, { parkedAggregates: parkedNow, settledHashes: new Map(), findings }), findings);
  }
  const poisonedKeys = new Set(
    poisoned.flatMap(({ aggregate }) => (aggregate === null ? [] : aggregateKey(aggregate))),
  );
  const concerned = (aggregate: Aggregate): boolean =>
    parkedNow.has(aggregateKey(aggregate)) || poisonedKeys.has(aggregateKey(aggregate));
  await store.lockAggregates(all.filter(concerned), transaction);
  // Somebody may have replayed or discarded them while this transaction waited for the locks: asked again.
  const stillParked = await store.parkedAggregates(all.filter(concerned), transaction);
  const maybeParked = messages.filter(
    ({ aggregate, place, poison }) =>
      poison !== null || findings.has(place) || (aggregate !== null && concerned(aggregate)),
  );
  const settledHashes = await store.settledHashes(
    maybeParked.flatMap(({ eventId, record }) => [placeId(record), ...(eventId === null ? [] : [eventId])]),
    transaction,
  );
  return checked(planBatch(messages, { parkedAggregates: stillParked, settledHashes, findings }), findings);
}

/**
 * @returns the plan
 * @throws Found when it has met poison that nobody knew of (an id that comes twice in the batch, with two payloads): its
 * aggregate is not locked, and nobody has asked whether it was discarded
 */
function checked(plan: Plan, findings: ReadonlyMap<string, Poison>): Plan {
  const met = plan.parked.filter(
    ({ message, poison }) => poison.reason !== 'follows' && message.poison === null && !findings.has(message.place),
  );
  if (met.length > 0) throw new Found(new Map(met.map(({ message, poison }) => [message.place, poison])));
  return plan;
}

/**
 * @returns the events whose inbox rows were not there, in order of arrival
 * @throws Found when a row is there with another payload
 */
async function insertInboxRows<T>(
  { store, attempt = 1 }: SettleContext<T>,
  { candidates, again }: Plan,
  transaction: T,
): Promise<ReceivedEvent[]> {
  const fresh =
    candidates.length === 0 ? new Set<string>() : await store.insertInboxRows(candidates, transaction, attempt);
  const known = candidates.filter(({ eventId }) => eventId !== null && !fresh.has(eventId));
  if (known.length > 0) await checkPayloads(store, known, transaction);
  const duplicates = [...again, ...known.flatMap(({ eventId }) => eventId ?? [])];
  if (duplicates.length > 0) await store.countDuplicates(duplicates, transaction);
  return candidates.flatMap(({ event }) => (event !== null && fresh.has(event.eventId) ? event : []));
}

async function checkPayloads<T>(store: SettleStore<T>, known: InboxMessage[], transaction: T): Promise<void> {
  const hashes = await store.settledHashes(
    known.flatMap(({ eventId }) => eventId ?? []),
    transaction,
  );
  const others = known.filter(({ eventId, payloadHash }) => hashes.get(eventId ?? '')?.equals(payloadHash) === false);
  // What follows them in the batch has inbox rows by now: only a new attempt can leave those out.
  if (others.length > 0) throw new Found(new Map(others.map(mismatch)));
}
