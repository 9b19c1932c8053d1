import { SpanKind } from '@opentelemetry/api';
import type { Transaction } from 'sequelize';
import { crashPoint } from '../../crash-points/crash-point.ts';
import type { ReceivedEvent } from '../../events/event.ts';
import type { Logger } from '../../kafka/client.ts';
import { TRANSACTION_TIMEOUT_MS } from '../database/session-limits.ts';
import { Attribute } from '../../tracing/attributes.ts';
import { traceShared, type ItemSpans } from '../../tracing/batch-spans.ts';
import { isTracing, traceIdOf } from '../../tracing/tracer.ts';
import type { Clock } from '../time/clock.ts';
import type { SettleStore } from './inbox-store.ts';
import { mismatch, planBatch, type Plan } from './plan-batch.ts';
import { aggregateKey, placeId, traceparentOf, type Aggregate, type InboxMessage, type Poison } from './record.ts';

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
  /** From the transaction's begin to the end of its commit. */
  readonly tookMs: number;
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
  const attributes = { [Attribute.messagingSystem]: 'kafka', [Attribute.messagingGroup]: context.consumer };
  return traceShared(
    {
      name: `settle ${context.consumer}`,
      kind: SpanKind.CONSUMER,
      attributes,
      items: messages,
      causeOf: traceparentOf,
      describe: (message) => ({
        name: `process ${message.type ?? 'unknown'}`,
        attributes: { ...attributes, ...describeMessage(message) },
      }),
    },
    (spans) => settleTraced(context, messages, findings, spans),
  );
}

async function settleTraced<T>(
  context: SettleContext<T>,
  messages: readonly InboxMessage[],
  findings: ReadonlyMap<string, Poison>,
  spans: ItemSpans<InboxMessage>,
): Promise<Settled> {
  const began = context.clock.now();
  let settled = { handled: 0, duplicates: 0, parked: 0 };
  let handlerStart = 0;
  let parkedNow: Plan['parked'] = [];
  // Not Sequelize's own afterCommit: that one runs also when the COMMIT has failed.
  const afterCommit: (() => void)[] = [];
  await context.store.transaction(async (transaction) => {
    const plan = await makePlan(context, messages, findings, transaction);
    const fresh = await insertInboxRows(context, plan, transaction);
    const parked = plan.parked.length === 0 ? 0 : await context.store.park(plan.parked, transaction);
    handlerStart = context.clock.now();
    if (fresh.length > 0) {
      const handled = context.handle(inOwnTraces(plan.candidates, fresh, spans), {
        transaction,
        afterCommit: (callback) => {
          afterCommit.push(callback);
        },
      });
      await inTime(handled, context.clock);
    }
    await context.alongside?.(transaction);
    crashPoint('consumer.before-commit');
    tellOutcomes(messages, plan, fresh, spans);
    parkedNow = plan.parked;
    settled = {
      handled: fresh.length,
      duplicates: plan.duplicates + plan.candidates.length - fresh.length,
      parked,
    };
  });
  crashPoint('consumer.after-commit');
  const now = context.clock.now();
  const lockMs = settled.handled === 0 ? 0 : now - handlerStart;
  if (settled.parked > 0) tellParked(context, parkedNow);
  for (const callback of afterCommit) runCommitted(context, callback);
  return { ...settled, lockMs, tookMs: now - began };
}

/** What a handler makes of an event goes on from the span of its settlement here. */
function inOwnTraces(
  candidates: readonly InboxMessage[],
  fresh: ReceivedEvent[],
  spans: ItemSpans<InboxMessage>,
): ReceivedEvent[] {
  if (!isTracing()) return fresh;
  const messages = new Map(candidates.map((message) => [message.event, message]));
  return fresh.map((event) => {
    const message = messages.get(event);
    return message === undefined ? event : { ...event, traceparent: spans.traceparentOf(message) };
  });
}

function tellOutcomes(
  messages: readonly InboxMessage[],
  plan: Plan,
  fresh: readonly ReceivedEvent[],
  spans: ItemSpans<InboxMessage>,
): void {
  if (!isTracing()) return;
  const settled = new Set<unknown>(fresh);
  const reasons = new Map(plan.parked.map(({ message, poison }) => [message, poison.reason]));
  for (const message of messages) {
    const outcome = reasons.get(message) ?? (settled.has(message.event) ? 'settled' : 'duplicate');
    spans.add(message, () => ({ [Attribute.outcome]: outcome }));
  }
}

/** A line for each that needs a person, and none for what only waits behind it. Not the error: it may quote the event. */
function tellParked<T>({ consumer, logger }: SettleContext<T>, parked: Plan['parked']): void {
  for (const { message, poison } of parked) {
    if (poison.reason === 'follows') continue;
    const { place, eventId, type, aggregate } = message;
    logger.error(
      `Consumer ${consumer}: the record ${place} is a dead letter (${poison.reason}); later events of its aggregate wait ` +
        'until it is replayed or discarded.',
      {
        eventId,
        eventType: type,
        ...(aggregate?.type === 'order' && { orderId: aggregate.id }),
        ...traceIdOf(traceparentOf(message)),
      },
    );
  }
}

function describeMessage({ record, eventId, aggregate }: InboxMessage): Record<string, string | number> {
  return {
    [Attribute.messagingDestination]: record.topic,
    [Attribute.messagingPartition]: String(record.partition),
    [Attribute.messagingOffset]: Number(record.offset),
    [Attribute.messagingOperation]: 'process',
    ...(eventId !== null && { [Attribute.messagingId]: eventId }),
    ...(aggregate !== null && { [Attribute.aggregateType]: aggregate.type, [Attribute.aggregateId]: aggregate.id }),
  };
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
