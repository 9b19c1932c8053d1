import { randomUUID } from 'node:crypto';
import type { ReplayCounts } from '../../../contract/replay.ts';
import { createKafka, NO_RETRY, withAdmin } from '../../../kafka/client.ts';
import { Assignment, type ConsumerParts } from '../assignment.ts';
import { pauseAfter } from '../../time/backoff.ts';
import { BatchSize } from '../batch-size.ts';
import { emptyStats } from '../consumer-stats.ts';
import { createGroupConsumer } from '../group-consumer.ts';
import { inboxReachesBackTo } from '../inbox-partitions.ts';
import type { Handle } from '../settle-batch.ts';
import type { DescribedConsumer } from '../event-consumer.ts';
import { EventSchemas } from '../../../events/envelope.ts';
import { systemClock } from '../../time/clock.ts';
import { countOlderThan } from './older-than-inbox.ts';
import { readSpan, type PartitionSpan, type SpanRequest } from './read-span.ts';
import { DryRunStore, ReplayStore } from './replay-store.ts';
import { SpanReader } from './span-reader.ts';

/** Readers in a row that got nowhere, before a replay gives up: each has waited for half a minute, or failed at once. */
const MAX_READERS_WITHOUT_PROGRESS = 5;

export interface ReplayRunOptions extends DescribedConsumer {
  readonly request: SpanRequest;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** How far a replay is; read by whoever reports on it while it runs. */
export interface ReplayProgress {
  spans: readonly PartitionSpan[];
  /** By partition: the next offset to be settled. */
  readonly next: Map<number, bigint>;
  readonly counts: () => ReplayCounts;
  readonly waitsFor: () => string | null;
}

/**
 * Reads a span of a consumer's topic again and settles it as the consumer itself does: the same inbox, the same handler, the
 * same dead letters. What was done before has an inbox row, and is not done again. It may run beside the live consumer,
 * and again after it was cut short.
 */
export class ReplayRun {
  readonly #options: ReplayRunOptions;
  readonly #parts: ConsumerParts;
  #olderThanInbox = 0;
  /** Milliseconds since the epoch; null when the inbox has no partition. */
  #inboxReachesBackTo: number | null = null;
  readonly progress: ReplayProgress;

  constructor(options: ReplayRunOptions) {
    this.#options = options;
    this.#parts = {
      store: options.dryRun ? new DryRunStore(options) : new ReplayStore(options),
      clock: systemClock,
      consumer: options.consumer,
      handle: (events, context) => this.#handle(events, context),
      logger: options.logger,
      schemas: new EventSchemas(options.events),
      batchSize: new BatchSize(),
      stats: emptyStats(),
      waitsFor: null,
    };
    this.progress = {
      spans: [],
      next: new Map(),
      counts: () => {
        const { settled, duplicates, parked, skipped } = this.#parts.stats;
        return { fresh: settled, duplicates, parked, skipped, olderThanInbox: this.#olderThanInbox };
      },
      waitsFor: () => this.#parts.waitsFor,
    };
  }

  /**
   * @returns true at the end of the span; false when the signal came first
   * @throws Error when it cannot go on: a new replay does the rest
   */
  async run(): Promise<boolean> {
    const { signal } = this.#options;
    await this.#findSpans();
    this.#inboxReachesBackTo = await inboxReachesBackTo(this.#options.sequelize);
    for (let fruitless = 0; !signal.aborted;) {
      const before = this.#position();
      const reason = await this.#readOn();
      if (reason === null) return true;
      if (isAborted(signal)) break;
      fruitless = this.#position() === before ? fruitless + 1 : 1;
      if (fruitless >= MAX_READERS_WITHOUT_PROGRESS) throw new Error(`It cannot read on: ${reason}.`);
      this.#parts.waitsFor = `reads on: ${reason}`;
      await pauseAfter(fruitless, signal);
    }
    return false;
  }

  async #findSpans(): Promise<void> {
    const { kafka, groupId, logger, topic, request } = this.#options;
    const client = createKafka(kafka, groupId, logger);
    this.progress.spans = await withAdmin(client, (admin) => readSpan(admin, topic.name, request));
    for (const { partition, first } of this.progress.spans) this.progress.next.set(partition, first);
  }

  /** The consumer's handler, but in a dry run; counts, once they are committed, the events about which the inbox could not know. */
  async #handle(...[events, context]: Parameters<Handle>): Promise<void> {
    const older = countOlderThan(events, this.#inboxReachesBackTo);
    if (older > 0) context.afterCommit(() => (this.#olderThanInbox += older));
    if (!this.#options.dryRun) await this.#options.handle(events, context);
  }

  /** One reader, from where the one before stood. @returns null at the end of the span */
  async #readOn(): Promise<string | null> {
    const { kafka, groupId, logger, topic, signal } = this.#options;
    const spans = this.progress.spans.map((span) => ({
      ...span,
      first: this.progress.next.get(span.partition) ?? span.first,
    }));
    const assignment = new Assignment(
      this.#parts,
      topic.name,
      spans.map(({ partition }) => partition),
    );
    const stop = (): void => void assignment.finish();
    signal.addEventListener('abort', stop);
    const readerGroup = `${groupId}.replay.${randomUUID()}`;
    const reader = new SpanReader({
      consumer: createGroupConsumer(kafka, readerGroup, logger),
      topic: topic.name,
      spans,
      deliver: async (partition, records) => {
        const isSettled = await assignment.deliver(partition, records);
        this.#note(assignment);
        return isSettled;
      },
    });
    try {
      return await reader.read(signal);
    } finally {
      signal.removeEventListener('abort', stop);
      await assignment.finish();
      assignment.release(null);
      this.#note(assignment);
      await this.#removeGroup(readerGroup);
    }
  }

  /** It is empty and has no offsets; Kafka would remove it by itself, in time. */
  async #removeGroup(readerGroup: string): Promise<void> {
    const { kafka, groupId, logger } = this.#options;
    const client = createKafka(kafka, groupId, logger, { retry: NO_RETRY });
    await withAdmin(client, (admin) => admin.deleteGroups([readerGroup])).catch(() => undefined);
  }

  #note(assignment: Assignment): void {
    for (const { partition, offset } of assignment.offsets.pending()) this.progress.next.set(partition, BigInt(offset));
  }

  /** Records that are behind it. */
  #position(): bigint {
    return [...this.progress.next.values()].reduce((sum, next) => sum + next, 0n);
  }
}

/** It may have come while something was awaited. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
