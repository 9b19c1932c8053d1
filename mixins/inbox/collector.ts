import type { ArrivedRecord } from './record.ts';

export interface BatchLimits {
  /** At least 1. */
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** By partition: an offset that is not reached. */
  readonly before?: ReadonlyMap<number, bigint>;
}

interface Queue {
  readonly records: ArrivedRecord[];
  next: number;
}

/**
 * What has arrived from all partitions and is not settled yet. Takes out bounded batches, each partition in order.
 * Pure: it neither waits nor knows Kafka.
 */
export class Collector {
  readonly #waiting = new Map<number, Queue>();
  #size = 0;

  /** Records that wait. */
  get size(): number {
    return this.#size;
  }

  /** Partitions that have records waiting, and the first of these. */
  nextOffsets(): Map<number, bigint> {
    const next = [...this.#waiting].map(([partition, queue]): [number, bigint] => [
      partition,
      queue.records[queue.next]?.offset ?? -1n,
    ]);
    return new Map(next);
  }

  /** @param records of one partition, in order of offset */
  add(partition: number, records: readonly ArrivedRecord[]): void {
    if (records.length === 0) return;
    const queue = this.#waiting.get(partition);
    if (queue === undefined) this.#waiting.set(partition, { records: [...records], next: 0 });
    else queue.records.push(...records);
    this.#size += records.length;
  }

  /**
   * Takes the next batch: one record of each partition in turn, so that a long partition starves none.
   *
   * @param only takes from this partition alone
   * @returns at least one record when any waits, even one that is over the bytes
   */
  take({ maxRecords, maxBytes, before }: BatchLimits, only?: number): ArrivedRecord[] {
    const batch: ArrivedRecord[] = [];
    let bytes = 0;
    const open = new Set(only === undefined ? this.#waiting.keys() : [only]);
    while (open.size > 0 && batch.length < maxRecords) {
      for (const partition of open) {
        const queue = this.#waiting.get(partition);
        const record = queue?.records[queue.next];
        if (queue === undefined || record === undefined || record.offset >= (before?.get(partition) ?? Infinity)) {
          open.delete(partition);
          continue;
        }
        const size = sizeOf(record);
        if (batch.length >= maxRecords || (batch.length > 0 && bytes + size > maxBytes)) return this.#taken(batch);
        queue.next++;
        bytes += size;
        batch.push(record);
      }
    }
    return this.#taken(batch);
  }

  #taken(batch: ArrivedRecord[]): ArrivedRecord[] {
    this.#size -= batch.length;
    for (const [partition, queue] of this.#waiting) {
      if (queue.next === queue.records.length) this.#waiting.delete(partition);
    }
    return batch;
  }
}

function sizeOf({ key, value }: ArrivedRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
