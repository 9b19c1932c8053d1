import type { Transaction } from 'sequelize';
import type { EventSchemas } from '../../events/envelope.ts';
import type { Logger } from '../../kafka/client.ts';
import { atMost, pauseAfter } from '../time/backoff.ts';
import type { BatchSize } from './batch-size.ts';
import type { Clock } from '../time/clock.ts';
import { Collector } from './collector.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import { CrashMarkers } from './crash-marker.ts';
import type { InboxStore } from './inbox-store.ts';
import { placeOf, readRecord, unreadMessage, type ArrivedRecord, type InboxMessage, type Poison } from './record.ts';
import { settleBatch, type Handle, type Settled } from './settle-batch.ts';
import { settleUntilDone, type Attempts } from './settle-until-done.ts';
import { SettledOffsets } from './settled-offsets.ts';
import { errorText } from '../../problems/error-text.ts';

/** Bounds the memory and the time of one transaction, whatever the events' sizes. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** How long the end of an assignment waits for its transaction: the group gives its members 15 s to come back. */
const FINISH_TIMEOUT_MS = 5000;
/** Failures in a row before readiness speaks of them: a deadlock or a serialization failure is over with the next attempt. */
const FAILURES_BEFORE_ALARM = 3;

/** What lasts longer than an assignment. */
export interface ConsumerParts<T = Transaction> {
  readonly store: InboxStore<T>;
  readonly clock: Clock;
  /** Name of the consumer: `service.consumer`. */
  readonly consumer: string;
  readonly handle: Handle<T>;
  readonly schemas: EventSchemas;
  readonly logger: Logger;
  readonly batchSize: BatchSize;
  readonly stats: ConsumerStats;
  /** Told of each committed transaction: its events, and how many milliseconds it took. */
  readonly onBatch?: (count: number, tookMs: number) => void;
  /** What the consumer waits for now, for readiness; null when nothing. */
  waitsFor: string | null;
}

interface Delivery {
  readonly records: readonly ArrivedRecord[];
  remaining: number;
  readonly resolve: (settled: boolean) => void;
  readonly reject: (error: Error) => void;
}

const KILLER: Poison = {
  reason: 'killed-the-process',
  error: 'The process died while it settled this record alone, several times. Look for the cause before a replay.',
};

/**
 * The partitions that one member holds in one generation of its group, and everything about them: what has arrived,
 * the one batch that is being settled, and how far each partition is. Ends with the generation.
 */
export class Assignment<T = Transaction> {
  readonly offsets = new SettledOffsets();
  readonly partitions: readonly number[];
  readonly #parts: ConsumerParts<T>;
  readonly #markers: CrashMarkers<T>;
  readonly #collector = new Collector();
  readonly #deliveries = new Map<number, Delivery>();
  readonly #abort = new AbortController();
  #settling: Promise<void> | null = null;
  #released: { readonly error: Error | null } | null = null;

  constructor(parts: ConsumerParts<T>, topic: string, partitions: readonly number[]) {
    this.#parts = parts;
    this.partitions = partitions;
    this.#markers = new CrashMarkers(parts.store, topic, partitions);
  }

  /** True while anything waits to be settled. */
  get busy(): boolean {
    return this.#deliveries.size > 0;
  }

  /** When Kafka got the oldest record that waits to be settled, milliseconds since the epoch; null when none waits. */
  oldestWaitingAt(): number | null {
    // Those of a partition are settled in order.
    const next = [...this.#deliveries.values()].flatMap(({ records, remaining }) => records.at(-remaining) ?? []);
    return next.length === 0 ? null : Math.min(...next.map(({ kafkaTime }) => kafkaTime.getTime()));
  }

  get ended(): boolean {
    return this.#abort.signal.aborted;
  }

  /** When Kafka appended the oldest record of a partition that has arrived and is not settled; null when there is none. */
  oldestWaiting(partition: number): Date | null {
    const delivery = this.#deliveries.get(partition);
    return delivery?.records.at(-delivery.remaining)?.kafkaTime ?? null;
  }

  /**
   * Takes what was fetched from a partition and waits until it is settled, however long that takes.
   *
   * @param records in order of offset; one delivery of a partition at a time
   * @returns true when all is settled; false when the assignment ended before
   * @throws the error that `release` was given
   */
  deliver(partition: number, records: readonly ArrivedRecord[]): Promise<boolean> {
    const released = this.#released;
    if (released !== null) return released.error === null ? Promise.resolve(false) : Promise.reject(released.error);
    this.#parts.stats.received += records.length;
    return new Promise((resolve, reject) => {
      this.#deliveries.set(partition, { records, remaining: records.length, resolve, reject });
      this.#collector.add(partition, records);
      this.#settling ??= this.#settleAll().finally(() => {
        this.#settling = null;
      });
    });
  }

  /** Begins nothing new and waits for the transaction in flight: a few seconds at most, since a late one harms nobody. */
  async finish(): Promise<void> {
    this.#abort.abort();
    if (this.#settling !== null) await atMost(FINISH_TIMEOUT_MS, this.#settling, this.#parts.clock);
  }

  /** Lets every delivery go. @param error for those who wait, when they have to tell kafkajs of a rebalance */
  release(error: Error | null): void {
    this.#released ??= { error };
    for (const { resolve, reject } of this.#deliveries.values()) {
      if (error === null) resolve(false);
      else reject(error);
    }
    this.#deliveries.clear();
  }

  /** The group's offsets of these partitions are committed. */
  committed(positions: { partition: number; offset: string }[]): void {
    this.offsets.committed(positions);
    this.#markers.release(positions.map(({ partition }) => partition));
  }

  async #settleAll(): Promise<void> {
    // The partitions of one fetch are handed over in the same turn: they share the first transaction.
    await this.#parts.clock.nextTurn();
    while (this.#collector.size > 0 && !this.ended) await this.#settleNext();
  }

  async #settleNext(): Promise<void> {
    const nextOffsets = this.#collector.nextOffsets();
    if (!(await this.#untilDone(() => this.#markers.read([...nextOffsets.keys()])))) return;
    const suspect = this.#markers.suspect(nextOffsets);
    const limits =
      suspect === undefined
        ? { maxRecords: this.#parts.batchSize.current, before: this.#markers.suspectFrom() }
        : { maxRecords: suspect.maxRecords };
    const records = this.#collector.take({ ...limits, maxBytes: MAX_BATCH_BYTES }, suspect?.partition);
    // Before anything looks into the records: reading them may be what kills.
    if (!(await this.#untilDone(() => this.#markers.announce(records)))) return;
    const findings = new Map(
      records.filter((each) => this.#markers.isKiller(each)).map((each) => [placeOf(each), KILLER]),
    );
    const messages = records.flatMap((record) =>
      findings.has(placeOf(record)) ? unreadMessage(record) : (readRecord(record, this.#parts.schemas) ?? []),
    );
    this.#parts.stats.skipped += records.length - messages.length;
    if (await this.#settle(records, messages, findings)) this.#done(records);
  }

  async #settle(
    records: readonly ArrivedRecord[],
    messages: readonly InboxMessage[],
    findings: ReadonlyMap<string, Poison>,
  ): Promise<boolean> {
    const marker = { isOut: true };
    const withdraw = async (): Promise<void> => {
      await this.#markers.withdrawUnsettled(records);
      marker.isOut = false;
    };
    const settle: Attempts['settle'] = async (part, found, last, attempt) => {
      if (!marker.isOut) await this.#markers.announce(records);
      marker.isOut = true;
      const alongside = (transaction: T): Promise<void> => this.#markers.withdrawSettled(records, transaction);
      try {
        return await settleBatch({ ...this.#parts, attempt, alongside: last ? alongside : undefined }, part, found);
      } catch (error) {
        // The one that failed is told; a marker that stays costs a slower start, nothing else.
        await withdraw().catch(() => undefined);
        throw error;
      }
    };
    const attempts: Attempts = {
      signal: this.#abort.signal,
      clock: this.#parts.clock,
      settle,
      onSettled: (part, settled) => {
        this.#progress(part, settled);
      },
      onRetry: (error, failures) => {
        this.#retry(error, failures);
      },
    };
    const isDone = await (messages.length === 0
      ? this.#untilDone(withdraw)
      : settleUntilDone(messages, findings, attempts));
    // The assignment ended: whoever is next must not take this for a death.
    if (!isDone && marker.isOut) await withdraw().catch(() => undefined);
    return isDone;
  }

  #progress(part: readonly InboxMessage[], settled: Settled): void {
    const { stats, batchSize } = this.#parts;
    for (const { record } of part) this.offsets.note(record.partition, record.offset);
    batchSize.observe(part.length, settled.lockMs);
    this.#parts.onBatch?.(part.length, settled.tookMs);
    stats.batches++;
    stats.settled += settled.handled;
    stats.duplicates += settled.duplicates;
    stats.parked += settled.parked;
    stats.lastProgressAt = this.#parts.clock.epochMs();
    this.#parts.logger.debug(
      `Consumer ${this.#parts.consumer} has settled ${settled.handled} events, ${settled.duplicates} duplicates.`,
    );
    this.#parts.waitsFor = null;
  }

  #done(records: readonly ArrivedRecord[]): void {
    this.#markers.settled(records);
    for (const { partition, offset } of records) {
      this.offsets.note(partition, offset);
      const delivery = this.#deliveries.get(partition);
      if (delivery === undefined || --delivery.remaining > 0) continue;
      this.#deliveries.delete(partition);
      delivery.resolve(true);
    }
  }

  #retry(error: string, failures: number): void {
    this.#parts.stats.retries++;
    if (failures < FAILURES_BEFORE_ALARM) return;
    this.#parts.waitsFor = `a batch has failed ${failures} times and is tried again: ${error}`;
    if (failures === FAILURES_BEFORE_ALARM) {
      this.#parts.logger.warn(`Consumer ${this.#parts.consumer} cannot settle a batch and goes on trying: ${error}`);
    }
  }

  /** Repeats a statement until it succeeds. @returns false when the assignment ended before */
  async #untilDone(work: () => Promise<void>): Promise<boolean> {
    for (let failures = 0; !this.ended;) {
      try {
        await work();
        return true;
      } catch (error) {
        this.#retry(errorText(error), ++failures);
        await pauseAfter(failures, this.#abort.signal, this.#parts.clock);
      }
    }
    return false;
  }
}
