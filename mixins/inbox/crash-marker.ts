import type { CrashMarker, InboxStore } from './inbox-store.ts';
import type { ArrivedRecord } from './record.ts';

/** How often a record may take the process with it while it is alone before it is parked. The first death was in company. */
const MAX_DEATHS_ALONE = 2;
/**
 * Records of a longer range go so many at a time, and one by one only after a death among these. Most deaths have other
 * causes: a thousand transactions would keep live events waiting for nothing.
 */
const MAX_GROUP = 32;

interface Suspicion {
  /** From here to there the records go by themselves. */
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  /** How many at a time. */
  readonly group: number;
  readonly aloneOffset: bigint | null;
  readonly deathsAlone: number;
}

/**
 * Finds the message that kills the process. A marker with the offsets of a batch is written before it and removed in
 * its transaction, from a partition's assignment until its first committed offset: within that, a node that dies comes
 * back to the same records; beyond it, it comes back further on. A marker that is found was left by a node that
 * died: its records go in small groups, at last one by one, each with a marker of its own, and one that the process dies of
 * alone is parked. What comes before them, when a group was set back, is not suspect.
 */
export class CrashMarkers<T> {
  readonly #store: InboxStore<T>;
  readonly #topic: string;
  /** Partitions whose markers were not read yet. */
  readonly #unread: Set<number>;
  /** Partitions whose batches are announced. */
  readonly #guarded = new Set<number>();
  readonly #suspects = new Map<number, Suspicion>();

  constructor(store: InboxStore<T>, topic: string, partitions: readonly number[]) {
    this.#store = store;
    this.#topic = topic;
    this.#unread = new Set(partitions);
  }

  /** Reads the markers of partitions that are met for the first time since their assignment. */
  async read(partitions: readonly number[]): Promise<void> {
    const unread = partitions.filter((partition) => this.#unread.has(partition));
    if (unread.length === 0) return;
    const found = await this.#store.readMarkers(this.#topic, unread);
    for (const partition of unread) {
      this.#unread.delete(partition);
      this.#guarded.add(partition);
    }
    for (const { partition, firstOffset, lastOffset, aloneOffset, attempts } of found) {
      const group = lastOffset - firstOffset < MAX_GROUP ? 1 : MAX_GROUP;
      this.#suspects.set(partition, { firstOffset, lastOffset, group, aloneOffset, deathsAlone: attempts });
    }
  }

  /**
   * @param nextOffsets by partition
   * @returns one of the partitions whose next records have to go by themselves, and how many at most; undefined when none has
   */
  suspect(nextOffsets: ReadonlyMap<number, bigint>): { partition: number; maxRecords: number } | undefined {
    for (const [partition, offset] of nextOffsets) {
      const suspicion = this.#suspects.get(partition);
      if (suspicion !== undefined && offset >= suspicion.firstOffset) return { partition, maxRecords: suspicion.group };
    }
    return undefined;
  }

  /** By partition: from where its records have to go by themselves. */
  suspectFrom(): Map<number, bigint> {
    return new Map([...this.#suspects].map(([partition, { firstOffset }]) => [partition, firstOffset]));
  }

  /** True when this record killed the process often enough, alone. To be asked before anything looks into it. */
  isKiller({ partition, offset }: ArrivedRecord): boolean {
    const suspicion = this.#suspects.get(partition);
    return suspicion?.aloneOffset === offset && suspicion.deathsAlone >= MAX_DEATHS_ALONE;
  }

  /** Announces a batch. @param records either without suspicion, or suspects of one partition */
  async announce(records: readonly ArrivedRecord[]): Promise<void> {
    const markers = [...this.#ranges(records)].map(([partition, [first, last]]): CrashMarker => {
      const suspicion = this.#alone(partition, first);
      // A death tells where to look: nothing but these is suspect then.
      if (suspicion === null) {
        return { partition, firstOffset: first, lastOffset: last, aloneOffset: null, attempts: 0 };
      }
      const { lastOffset, aloneOffset, deathsAlone } = suspicion;
      const deaths = aloneOffset === first ? deathsAlone : 0;
      return { partition, firstOffset: first, lastOffset, aloneOffset: first, attempts: deaths + 1 };
    });
    if (markers.length > 0) await this.#store.writeMarkers(this.#topic, markers);
  }

  /** Takes the announcement back in the transaction that settles the batch; what is still to go alone stays marked. */
  async withdrawSettled(records: readonly ArrivedRecord[], transaction: T): Promise<void> {
    const done: number[] = [];
    for (const [partition, [first, last]] of this.#ranges(records)) {
      const until = this.#alone(partition, first)?.lastOffset ?? last;
      if (last < until) await this.#store.advanceMarker(this.#topic, partition, last + 1n, transaction);
      else done.push(partition);
    }
    await this.#remove(done, transaction);
  }

  /** To be called when that transaction is committed. */
  settled(records: readonly ArrivedRecord[]): void {
    for (const [partition, [, last]] of this.#ranges(records)) {
      if (last >= (this.#suspects.get(partition)?.lastOffset ?? last)) this.#suspects.delete(partition);
    }
  }

  /** The process lives, the batch waits or was given up: its death now would say nothing about these records. */
  async withdrawUnsettled(records: readonly ArrivedRecord[]): Promise<void> {
    const ranges = [...this.#ranges(records)];
    const isAlone = ([partition, [first]]: (typeof ranges)[number]): boolean => this.#alone(partition, first) !== null;
    const alone = ranges.filter(isAlone).map(([partition]) => partition);
    if (alone.length > 0) await this.#store.forgiveMarkers(this.#topic, alone);
    await this.#remove(
      ranges.filter((range) => !isAlone(range)).map(([partition]) => partition),
      null,
    );
  }

  /** The group's offset of these partitions has moved since their assignment: no more announcements. */
  release(partitions: readonly number[]): void {
    for (const partition of partitions) if (!this.#suspects.has(partition)) this.#guarded.delete(partition);
  }

  async #remove(partitions: readonly number[], transaction: T | null): Promise<void> {
    if (partitions.length > 0) await this.#store.removeMarkers(this.#topic, partitions, transaction);
  }

  /** @returns the suspicion under which this record goes alone; null when it goes in company */
  #alone(partition: number, offset: bigint): Suspicion | null {
    const suspicion = this.#suspects.get(partition);
    return suspicion?.group === 1 && offset >= suspicion.firstOffset ? suspicion : null;
  }

  /** First and last offset of each guarded partition in a batch. */
  #ranges(records: readonly ArrivedRecord[]): Map<number, [first: bigint, last: bigint]> {
    const ranges = new Map<number, [bigint, bigint]>();
    for (const { partition, offset } of records) {
      if (!this.#guarded.has(partition)) continue;
      const range = ranges.get(partition);
      if (range === undefined) ranges.set(partition, [offset, offset]);
      else range[1] = offset;
    }
    return ranges;
  }
}
