import { QueryTypes, Transaction } from 'sequelize';
import type { ReceivedEvent } from '../../events/event.ts';
import type { Logger } from '../../kafka/client.ts';
import { TRANSACTION_TIMEOUT_MS } from '../database/session-limits.ts';
import { lockAggregates, park, parkedAggregates, type InboxContext } from './dead-letters.ts';
import { mismatch, planBatch, type Plan } from './plan-batch.ts';
import { aggregateKey, type Aggregate, type InboxMessage, type Poison } from './record.ts';

/** What a handler is given beside its events. */
export interface HandleContext {
  readonly transaction: Transaction;
  /**
   * Has something done once the transaction is committed, and never when it is rolled back or its COMMIT fails. A
   * process that dies just then has not done it: for what may be lost, as a hint to others may.
   */
  readonly afterCommit: (callback: () => void) => void;
}

/** A consumer's own part of the transaction. */
export type Handle = (events: ReceivedEvent[], context: HandleContext) => Promise<void>;

export interface SettleContext extends InboxContext {
  readonly handle: Handle;
  readonly logger: Pick<Logger, 'error'>;
  /** Runs in the transaction, just before its end. */
  readonly alongside?: ((transaction: Transaction) => Promise<void>) | undefined;
}

export interface Settled {
  /** Events that the handler was given. */
  readonly handled: number;
  readonly duplicates: number;
  /** New dead letters. */
  readonly parked: number;
  /** From the start of the handler to the end of the commit: how long business rows were locked. */
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
export async function settleBatch(
  context: SettleContext,
  messages: readonly InboxMessage[],
  findings: ReadonlyMap<string, Poison>,
): Promise<Settled> {
  let settled = { handled: 0, duplicates: 0, parked: 0 };
  let handlerStart = 0;
  // Not Sequelize's own afterCommit: that one runs also when the COMMIT has failed.
  const afterCommit: (() => void)[] = [];
  await context.sequelize.transaction(
    { isolationLevel: Transaction.ISOLATION_LEVELS.READ_COMMITTED },
    async (transaction) => {
      const plan = await makePlan(context, messages, findings, transaction);
      const fresh = await insertInboxRows(context, plan.candidates, transaction);
      const parked = plan.parked.length === 0 ? 0 : await park(context, plan.parked, transaction);
      handlerStart = performance.now();
      if (fresh.length > 0) {
        const handled = context.handle(fresh, {
          transaction,
          afterCommit: (callback) => {
            afterCommit.push(callback);
          },
        });
        await inTime(handled);
      }
      await context.alongside?.(transaction);
      settled = {
        handled: fresh.length,
        duplicates: plan.duplicates + plan.candidates.length - fresh.length,
        parked,
      };
    },
  );
  const lockMs = performance.now() - handlerStart;
  for (const callback of afterCommit) runCommitted(context, callback);
  return { ...settled, lockMs };
}

/** The batch is settled, whatever becomes of this. */
function runCommitted({ consumer, logger }: SettleContext, callback: () => void): void {
  try {
    callback();
  } catch (error) {
    logger.error(`Consumer ${consumer}: what was to be done after a commit failed:`, error);
  }
}

/** PostgreSQL ends the transaction after that long; a handler that waits for something else would hold the consumer for ever. */
async function inTime(handled: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The handler has not ended after ${TRANSACTION_TIMEOUT_MS} ms.`));
    }, TRANSACTION_TIMEOUT_MS);
  });
  await Promise.race([handled, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** Asks the database what it knows about the batch, under the locks of those aggregates of which something is or will be parked. */
async function makePlan(
  context: SettleContext,
  messages: readonly InboxMessage[],
  findings: ReadonlyMap<string, Poison>,
  transaction: Transaction,
): Promise<Plan> {
  const all = messages.flatMap(({ aggregate }) => aggregate ?? []);
  const poisoned = messages.filter(({ place, poison }) => poison !== null || findings.has(place));
  const parkedNow = await parkedAggregates(context, all, transaction);
  if (parkedNow.size === 0 && poisoned.length === 0) {
    return planBatch(messages, { parkedAggregates: parkedNow, settledHashes: new Map(), findings });
  }
  const poisonedKeys = new Set(
    poisoned.flatMap(({ aggregate }) => (aggregate === null ? [] : aggregateKey(aggregate))),
  );
  const concerned = (aggregate: Aggregate): boolean =>
    parkedNow.has(aggregateKey(aggregate)) || poisonedKeys.has(aggregateKey(aggregate));
  await lockAggregates(context, all.filter(concerned), transaction);
  // Somebody may have replayed or discarded them while this transaction waited for the locks: asked again.
  const stillParked = await parkedAggregates(context, all.filter(concerned), transaction);
  const maybeParked = messages.filter(
    ({ aggregate, poison }) => poison !== null || (aggregate !== null && concerned(aggregate)),
  );
  const settledHashes = await readSettledHashes(
    context,
    maybeParked.flatMap(({ eventId }) => eventId ?? []),
    transaction,
  );
  return planBatch(messages, { parkedAggregates: stillParked, settledHashes, findings });
}

/**
 * Writes the inbox rows of what is fresh, sorted by event id: two transactions with the same events in another order
 * (a member that lost its partitions in the middle of a batch, and its successor) would wait for each other.
 *
 * @returns the events whose rows were not there, in order of arrival
 * @throws Found when a row is there with another payload
 */
async function insertInboxRows(
  { sequelize, consumer, node, ...context }: SettleContext,
  candidates: readonly InboxMessage[],
  transaction: Transaction,
): Promise<ReceivedEvent[]> {
  if (candidates.length === 0) return [];
  const column = <T>(read: (message: InboxMessage) => T): T[] => candidates.map(read);
  const inserted = await sequelize.query<{ event_id: string }>(
    `INSERT INTO inbox (consumer, event_id, payload_hash, topic, partition, "offset", ce_time, kafka_time, received_at, node)
     SELECT $1, a.event_id, a.payload_hash, a.topic, a.partition, a."offset", a.ce_time, a.kafka_time, a.received_at, $2
       FROM unnest($3::uuid[], $4::bytea[], $5::text[], $6::int[], $7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[])
            AS a(event_id, payload_hash, topic, partition, "offset", ce_time, kafka_time, received_at)
      ORDER BY a.event_id
     ON CONFLICT DO NOTHING
     RETURNING event_id`,
    {
      bind: [
        consumer,
        node,
        column(({ eventId }) => eventId),
        column(({ payloadHash }) => payloadHash),
        column(({ record }) => record.topic),
        column(({ record }) => record.partition),
        column(({ record }) => record.offset.toString()),
        column(({ event }) => readTime(event?.time)),
        column(({ record }) => record.kafkaTime),
        column(({ record }) => record.receivedAt),
      ],
      transaction,
      type: QueryTypes.SELECT,
    },
  );
  const fresh = new Set(inserted.map(({ event_id }) => event_id));
  const known = candidates.filter(({ eventId }) => eventId !== null && !fresh.has(eventId));
  if (known.length > 0) await checkPayloads({ sequelize, consumer, node, ...context }, known, transaction);
  return candidates.flatMap(({ event }) => (event !== null && fresh.has(event.eventId) ? event : []));
}

async function checkPayloads(context: InboxContext, known: InboxMessage[], transaction: Transaction): Promise<void> {
  const hashes = await readSettledHashes(
    context,
    known.flatMap(({ eventId }) => eventId ?? []),
    transaction,
  );
  const others = known.filter(({ eventId, payloadHash }) => hashes.get(eventId ?? '')?.equals(payloadHash) === false);
  // What follows them in the batch has inbox rows by now: only a new attempt can leave those out.
  if (others.length > 0) throw new Found(new Map(others.map(mismatch)));
}

async function readSettledHashes(
  { sequelize, consumer }: InboxContext,
  eventIds: readonly string[],
  transaction: Transaction,
): Promise<Map<string, Buffer>> {
  if (eventIds.length === 0) return new Map();
  const rows = await sequelize.query<{ event_id: string; payload_hash: Buffer }>(
    'SELECT event_id, payload_hash FROM inbox WHERE consumer = $1 AND event_id = ANY ($2::uuid[])',
    { bind: [consumer, eventIds], transaction, type: QueryTypes.SELECT },
  );
  return new Map(rows.map(({ event_id, payload_hash }) => [event_id, payload_hash]));
}

/** The event's own time when it is one; its text is not checked by any schema. */
function readTime(time: string | undefined): Date | null {
  const date = new Date(time ?? '');
  return Number.isNaN(date.getTime()) ? null : date;
}
