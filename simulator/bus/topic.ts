import { laneOf } from '../../mixins/outbox/lanes.ts';

/** A record as it lies in a partition. */
export interface StoredRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeMs: number;
}

export interface RecordToSend {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A topic: partitions that only grow, each in the order of its appends. */
export class Topic {
  readonly name: string;
  readonly partitions: StoredRecord[][];
  /** Told of every record, as it is appended. */
  readonly #onAppend: (record: StoredRecord, partition: number) => void;

  constructor(name: string, partitions: number, onAppend: (record: StoredRecord, partition: number) => void) {
    this.name = name;
    this.partitions = Array.from({ length: partitions }, () => []);
    this.#onAppend = onAppend;
  }

  partitionOf(key: string): number {
    return laneOf(key, this.partitions.length);
  }

  append(records: readonly RecordToSend[], timeMs: number): void {
    for (const record of records) {
      const partition = this.partitionOf(record.key);
      const log = this.partitions[partition] ?? [];
      const stored = { ...record, offset: log.length, timeMs };
      log.push(stored);
      this.#onAppend(stored, partition);
    }
  }
}
