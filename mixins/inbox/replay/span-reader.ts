import type { Consumer, EachBatchPayload } from '../../../kafka/client.ts';
import { errorText } from '../../../problems/error-text.ts';
import { atMost } from '../../time/backoff.ts';
import { HEARTBEAT_INTERVAL_MS } from '../group-consumer.ts';
import { toRecord } from '../group-member.ts';
import type { ArrivedRecord } from '../record.ts';
import type { PartitionSpan } from './read-span.ts';

/** A reader that is brought nothing for this long, with records still to come, is replaced. Well over a rebalance. */
const SILENCE_MS = 30_000;
const LEAVE_TIMEOUT_MS = 5000;

export interface SpanReaderOptions {
  /** In a group of this reader's own, which commits nothing. */
  readonly consumer: Consumer;
  readonly topic: string;
  /** What is to be read. */
  readonly spans: readonly PartitionSpan[];
  /** Takes records of a partition, in order, and waits until they are settled. @returns false: no more are wanted */
  readonly deliver: (partition: number, records: readonly ArrivedRecord[]) => Promise<boolean>;
}

/**
 * Reads spans of a topic, once. kafkajs reads by groups alone: this one is a group for itself, of which nothing is left
 * when it has ended. Where it stands is kept here, and the group of the live consumer is not touched.
 */
export class SpanReader {
  readonly #options: SpanReaderOptions;
  readonly #end = Promise.withResolvers<string | null>();
  readonly #left = Promise.withResolvers<undefined>();
  /** By partition: the next offset, and the one to stop at. */
  readonly #open = new Map<number, { next: bigint; readonly end: bigint }>();
  #latest: EachBatchPayload | null = null;
  #delivering = 0;
  #heardAt = performance.now();
  #isOver = false;

  constructor(options: SpanReaderOptions) {
    this.#options = options;
    for (const { partition, first, end } of options.spans) {
      if (first < end) this.#open.set(partition, { next: first, end });
    }
  }

  /**
   * Reads until everything was delivered.
   *
   * @returns null at the end of the spans; otherwise why it ended before: the rest can be read by another reader
   */
  async read(signal: AbortSignal): Promise<string | null> {
    if (this.#open.size === 0) return null;
    const stop = (): void => {
      this.#finish('stopped');
    };
    signal.addEventListener('abort', stop);
    const beat = setInterval(() => void this.#beat(), HEARTBEAT_INTERVAL_MS);
    const started = this.#start();
    try {
      if (signal.aborted) stop();
      started.catch((error: unknown) => {
        this.#finish(errorText(error));
      });
      return await this.#end.promise;
    } finally {
      clearInterval(beat);
      signal.removeEventListener('abort', stop);
      await atMost(LEAVE_TIMEOUT_MS, this.#leave(started));
    }
  }

  async #start(): Promise<void> {
    const { consumer, topic, spans } = this.#options;
    consumer.on(consumer.events.GROUP_JOIN, () => {
      // kafkajs would settle on an offset of its own after each join.
      for (const [partition, { next }] of this.#open) consumer.seek({ topic, partition, offset: next.toString() });
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#finish(`kafkajs gave up: ${payload.error.message}`);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: Math.max(1, spans.length),
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    if (this.#isOver) return this.#left.promise;
    this.#latest = payload;
    this.#heardAt = performance.now();
    const { topic, partition, messages } = payload.batch;
    const span = this.#open.get(partition);
    const last = messages.at(-1);
    if (span === undefined || last === undefined) {
      this.#options.consumer.pause([{ topic, partitions: [partition] }]);
      return;
    }
    const receivedAt = new Date();
    const records = messages
      .map((message) => toRecord(topic, partition, message, receivedAt))
      .filter(({ offset }) => offset >= span.next && offset < span.end);
    if (records.length > 0 && !(await this.#deliver(partition, records))) this.#finish('stopped');
    else {
      const next = BigInt(last.offset) + 1n;
      if (next > span.next) span.next = next;
      payload.resolveOffset(last.offset);
      if (span.next >= span.end) this.#close(topic, partition);
    }
    // Returning would make kafkajs fetch on.
    if (this.#isEnded()) await this.#left.promise;
  }

  async #deliver(partition: number, records: readonly ArrivedRecord[]): Promise<boolean> {
    this.#delivering++;
    try {
      return await this.#options.deliver(partition, records);
    } finally {
      this.#delivering--;
      this.#heardAt = performance.now();
    }
  }

  #close(topic: string, partition: number): void {
    this.#open.delete(partition);
    this.#options.consumer.pause([{ topic, partitions: [partition] }]);
    if (this.#open.size === 0) this.#finish(null);
  }

  /** It may have changed while something was awaited. */
  #isEnded(): boolean {
    return this.#isOver;
  }

  /** Once a second: keeps the membership while records are settled, and watches for silence. */
  async #beat(): Promise<void> {
    if (this.#delivering === 0 && performance.now() - this.#heardAt > SILENCE_MS) {
      this.#finish(`Kafka has brought nothing for ${SILENCE_MS / 1000} s, and there is more to read`);
    }
    if (this.#delivering === 0 || this.#latest === null || this.#isOver) return;
    await this.#latest.heartbeat().catch((error: unknown) => {
      this.#finish(`the group is lost: ${errorText(error)}`);
    });
  }

  #finish(reason: string | null): void {
    this.#isOver = true;
    this.#end.resolve(reason);
  }

  async #leave(started: Promise<void>): Promise<void> {
    // kafkajs does not stop a consumer that is about to join: it would read for ever.
    await started.catch(() => undefined);
    const disconnected = this.#options.consumer.disconnect().catch(() => undefined);
    this.#left.resolve(undefined);
    await disconnected;
  }
}
