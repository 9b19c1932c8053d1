import { QueryTypes, type Transaction } from 'sequelize';
import type { InboxContext } from './dead-letters.ts';
import type { ArrivedRecord } from './record.ts';

/** How often a record may take the process with it while it is alone before it is parked. The first death was in company. */
const MAX_DEATHS_ALONE = 2;

interface MarkerRow {
  readonly partition: number;
  readonly first_offset: string;
  readonly last_offset: string;
  readonly alone_offset: string | null;
  readonly attempts: number;
}

interface Suspicion {
  /** Up to here the records go one by one. */
  readonly lastOffset: bigint;
  readonly aloneOffset: bigint | null;
  readonly deathsAlone: number;
}

/**
 * Finds the message that kills the process. A marker with the offsets of a batch is written before it and removed in
 * its transaction, from a partition's assignment until its first committed offset: within that, a node that dies comes
 * back to the same records; beyond it, it comes back further on. A marker that is found was left by a node that
 * died: its records go one by one, each with a marker of its own, and one that the process dies of alone is parked.
 */
export class CrashMarkers {
  readonly #context: InboxContext;
  readonly #topic: string;
  /** Partitions whose markers were not read yet. */
  readonly #unread: Set<number>;
  /** Partitions whose batches are announced. */
  readonly #guarded = new Set<number>();
  readonly #suspects = new Map<number, Suspicion>();

  constructor(context: InboxContext, topic: string, partitions: readonly number[]) {
    this.#context = context;
    this.#topic = topic;
    this.#unread = new Set(partitions);
  }

  /** Reads the markers of partitions that are met for the first time since their assignment. */
  async read(partitions: readonly number[]): Promise<void> {
    const unread = partitions.filter((partition) => this.#unread.has(partition));
    if (unread.length === 0) return;
    const { sequelize, consumer } = this.#context;
    const rows = await sequelize.query<MarkerRow>(
      `SELECT partition, first_offset, last_offset, alone_offset, attempts FROM crash_markers
        WHERE consumer = $1 AND topic = $2 AND partition = ANY ($3::int[])`,
      { bind: [consumer, this.#topic, unread], type: QueryTypes.SELECT },
    );
    for (const partition of unread) {
      this.#unread.delete(partition);
      this.#guarded.add(partition);
    }
    for (const row of rows) {
      this.#suspects.set(row.partition, {
        lastOffset: BigInt(row.last_offset),
        aloneOffset: row.alone_offset === null ? null : BigInt(row.alone_offset),
        deathsAlone: row.attempts,
      });
    }
  }

  /** One of these partitions whose records have to go one by one; undefined when none has. */
  suspect(partitions: readonly number[]): number | undefined {
    return partitions.find((partition) => this.#suspects.has(partition));
  }

  /** True when this record killed the process often enough, alone. To be asked before anything looks into it. */
  isKiller({ partition, offset }: ArrivedRecord): boolean {
    const suspicion = this.#suspects.get(partition);
    return suspicion?.aloneOffset === offset && suspicion.deathsAlone >= MAX_DEATHS_ALONE;
  }

  /** Announces a batch. @param records either of partitions without suspicion, or one record of a suspect */
  async announce(records: readonly ArrivedRecord[]): Promise<void> {
    const ranges = [...this.#ranges(records)].map(([partition, [first, last]]) => {
      const suspicion = this.#suspects.get(partition);
      if (suspicion === undefined) return { partition, first, last, alone: null, attempts: 0 };
      const deaths = suspicion.aloneOffset === first ? suspicion.deathsAlone : 0;
      return { partition, first, last: suspicion.lastOffset, alone: first, attempts: deaths + 1 };
    });
    if (ranges.length === 0) return;
    const { sequelize, consumer, node } = this.#context;
    await sequelize.query(
      `INSERT INTO crash_markers (consumer, topic, partition, first_offset, last_offset, alone_offset, attempts, node)
       SELECT $1, $2, a.partition, a.first, a.last, a.alone, a.attempts, $3
         FROM unnest($4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::int[]) AS a(partition, first, last, alone, attempts)
        ORDER BY a.partition
       ON CONFLICT (consumer, topic, partition) DO UPDATE
         SET first_offset = excluded.first_offset, last_offset = excluded.last_offset, alone_offset = excluded.alone_offset,
             attempts = excluded.attempts, node = excluded.node, written_at = clock_timestamp()`,
      {
        bind: [
          consumer,
          this.#topic,
          node,
          ranges.map(({ partition }) => partition),
          ranges.map(({ first }) => first.toString()),
          ranges.map(({ last }) => last.toString()),
          ranges.map(({ alone }) => alone?.toString() ?? null),
          ranges.map(({ attempts }) => attempts),
        ],
      },
    );
  }

  /** Takes the announcement back in the transaction that settles the batch; what is still suspect stays marked. */
  async withdrawSettled(records: readonly ArrivedRecord[], transaction: Transaction): Promise<void> {
    const ranges = this.#ranges(records);
    if (ranges.size === 0) return;
    const still = [...ranges].filter(
      ([partition, [, last]]) => last < (this.#suspects.get(partition)?.lastOffset ?? -1n),
    );
    const { sequelize, consumer } = this.#context;
    for (const [partition, [, last]] of still) {
      await sequelize.query(
        `UPDATE crash_markers SET first_offset = $4, alone_offset = NULL, attempts = 0
          WHERE consumer = $1 AND topic = $2 AND partition = $3`,
        { bind: [consumer, this.#topic, partition, (last + 1n).toString()], transaction },
      );
    }
    const done = [...ranges.keys()].filter((partition) => !still.some(([each]) => each === partition));
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
    const partitions = [...this.#ranges(records).keys()];
    const suspects = partitions.filter((partition) => this.#suspects.has(partition));
    const { sequelize, consumer } = this.#context;
    if (suspects.length > 0) {
      await sequelize.query(
        `UPDATE crash_markers SET attempts = greatest(attempts - 1, 0)
          WHERE consumer = $1 AND topic = $2 AND partition = ANY ($3::int[])`,
        { bind: [consumer, this.#topic, suspects] },
      );
    }
    await this.#remove(partitions.filter((partition) => !this.#suspects.has(partition)));
  }

  /** The group's offset of these partitions has moved since their assignment: no more announcements. */
  release(partitions: readonly number[]): void {
    for (const partition of partitions) if (!this.#suspects.has(partition)) this.#guarded.delete(partition);
  }

  async #remove(partitions: readonly number[], transaction?: Transaction): Promise<void> {
    if (partitions.length === 0) return;
    const { sequelize, consumer } = this.#context;
    await sequelize.query(
      'DELETE FROM crash_markers WHERE consumer = $1 AND topic = $2 AND partition = ANY ($3::int[])',
      { bind: [consumer, this.#topic, [...partitions]], transaction: transaction ?? null },
    );
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
