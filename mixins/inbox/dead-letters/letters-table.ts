import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Selection } from '../../dead-letters/selection.ts';
import type { Aggregate, DeadLetterReason } from '../record.ts';
import type { Letter, LetterHead } from './letter.ts';

/** The letters in hand may have this many bytes together: they are read into memory. */
const MAX_BYTES = 4 * 1024 * 1024;

const HEAD = `
  d.id, d.consumer, d.topic, d.partition, d."offset", d.event_id AS "eventId", d.type, d.aggregate_type AS "aggregateType",
  d.aggregate_id AS "aggregateId", d.reason, d.error, d.kafka_time AS "kafkaTime", d.parked_at AS "parkedAt", d.node,
  d.attempts, d.attempted_at AS "attemptedAt", d.suspect,
  (SELECT count(*)::int FROM dead_letters AS e WHERE e.consumer = d.consumer AND e.aggregate_type = d.aggregate_type
      AND e.aggregate_id = d.aggregate_id AND e.id < d.id) AS behind`;

/** An earlier letter of the same aggregate; ids are given while its lock is held, so they are in order. */
const EARLIER = `
  FROM dead_letters AS e WHERE e.consumer = d.consumer AND e.aggregate_type = d.aggregate_type
   AND e.aggregate_id = d.aggregate_id AND e.id < d.id`;

/** Conditions $1 to $8. An aggregate is compared by its two columns, which have an index. */
const SELECTED = `
  ($1::bigint[] IS NULL OR d.id = ANY ($1)) AND ($2::text IS NULL OR d.consumer = $2)
  AND ($3::text IS NULL OR (d.aggregate_type = $3 AND d.aggregate_id = $4))
  AND ($5::text IS NULL OR d.reason = $5) AND ($6::text IS NULL OR d.type = $6)
  AND ($7::timestamptz IS NULL OR d.parked_at >= $7) AND ($8::timestamptz IS NULL OR d.parked_at < $8)`;

function bindsOf({ ids, consumer, aggregate, reason, type, from, to }: Selection): unknown[] {
  const slash = aggregate?.indexOf('/') ?? -1;
  return [
    ids,
    consumer,
    aggregate?.slice(0, slash) ?? null,
    aggregate?.slice(slash + 1) ?? null,
    reason,
    type,
    from,
    to,
  ];
}

/** What a try found out about a letter that stays. */
export interface Verdict {
  readonly id: string;
  readonly reason: DeadLetterReason;
  readonly error: string;
}

/** Of more, nobody needs to know how many. */
const MAX_COUNTED = 10_000;

/** The table `dead_letters` of a service, for those who look at it and act on it. */
export class LettersTable {
  readonly #sequelize: Sequelize;

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
  }

  /** @returns letters after an id, in order of id, and how many the selection has in all */
  async page(selection: Selection, after: string, limit: number): Promise<{ total: number; letters: LetterHead[] }> {
    const binds = bindsOf(selection);
    const [counted] = await this.#sequelize.query<{ total: number }>(
      `SELECT count(*)::int AS total FROM dead_letters AS d WHERE ${SELECTED}`,
      { bind: binds, type: QueryTypes.SELECT },
    );
    const letters = await this.#sequelize.query<LetterHead>(
      `SELECT ${HEAD} FROM dead_letters AS d WHERE ${SELECTED} AND d.id > $9 ORDER BY d.id LIMIT $10`,
      { bind: [...binds, after, limit], type: QueryTypes.SELECT },
    );
    return { total: counted?.total ?? 0, letters };
  }

  /** How many there are at each consumer. */
  async countByConsumer(): Promise<{ consumer: string; count: number; oldest: Date }[]> {
    return this.#sequelize.query(
      `SELECT consumer, count(*)::int AS count, min(parked_at) AS oldest FROM dead_letters GROUP BY consumer ORDER BY consumer`,
      { type: QueryTypes.SELECT },
    );
  }

  /** The oldest letters by consumer, at a bounded cost: those with something wrong, and those that only follow one. */
  async countSome(): Promise<{ consumer: string; poison: number; follows: number }[]> {
    return this.#sequelize.query(
      `SELECT consumer, count(*) FILTER (WHERE reason <> 'follows')::int AS poison,
              count(*) FILTER (WHERE reason = 'follows')::int AS follows
         FROM (SELECT consumer, reason FROM dead_letters ORDER BY id LIMIT ${MAX_COUNTED}) AS counted
        GROUP BY consumer`,
      { type: QueryTypes.SELECT },
    );
  }

  /** Letters with their content, in order of id; fewer than asked for when they are large. */
  async load(selection: Selection, after: string, limit: number): Promise<Letter[]> {
    return this.#within(`WHERE ${SELECTED} AND d.id > $9`, [...bindsOf(selection), after, limit], '$10');
  }

  /**
   * What may go on now: letters with nothing wrong but an earlier one that is gone, as far as nothing else of their
   * aggregate stands before them.
   *
   * @param of these aggregates alone; null: all of the consumer
   * @param known letters that count as gone, in a dry run, and those that the act has dealt with
   */
  async followers(
    consumer: string,
    of: readonly Aggregate[] | null,
    known: { readonly gone: readonly string[]; readonly seen: readonly string[] },
    limit: number,
  ): Promise<Letter[]> {
    return this.#within(
      `WHERE d.consumer = $1 AND d.reason = 'follows' AND d.id <> ALL ($5::bigint[])
         AND ($2::text[] IS NULL OR (d.aggregate_type, d.aggregate_id) IN (SELECT * FROM unnest($2::text[], $3::text[])))
         AND NOT EXISTS (SELECT ${EARLIER} AND e.reason <> 'follows' AND e.id <> ALL ($4::bigint[]))`,
      [consumer, of?.map(({ type }) => type) ?? null, of?.map(({ id }) => id) ?? null, known.gone, known.seen, limit],
      '$6',
    );
  }

  /** @returns those of these letters that have an earlier one of their aggregate which is not among them, and that one */
  async blocked(
    ids: readonly string[],
    gone: readonly string[],
    transaction: Transaction | null,
  ): Promise<Map<string, string>> {
    const rows = await this.#sequelize.query<{ id: string; first: string }>(
      `SELECT d.id, first.id AS first FROM dead_letters AS d
         CROSS JOIN LATERAL (SELECT e.id ${EARLIER} AND e.id <> ALL ($1::bigint[]) AND e.id <> ALL ($2::bigint[]) ORDER BY e.id LIMIT 1) AS first
        WHERE d.id = ANY ($1::bigint[])`,
      { bind: [ids, gone], transaction, type: QueryTypes.SELECT },
    );
    return new Map(rows.map(({ id, first }) => [id, first]));
  }

  /** Locks letters until the transaction ends. @returns those that are still there */
  async lock(ids: readonly string[], transaction: Transaction): Promise<Set<string>> {
    const rows = await this.#sequelize.query<{ id: string }>(
      'SELECT id FROM dead_letters WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE',
      { bind: [ids], transaction, type: QueryTypes.SELECT },
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** @returns those of these letters whose event lies here once more, in a letter that is not among them */
  async twins(ids: readonly string[], transaction: Transaction): Promise<Set<string>> {
    const rows = await this.#sequelize.query<{ id: string }>(
      `SELECT d.id FROM dead_letters AS d WHERE d.id = ANY ($1::bigint[]) AND EXISTS (
         SELECT FROM dead_letters AS o WHERE o.consumer = d.consumer AND o.event_id = d.event_id AND o.id <> ALL ($1::bigint[]))`,
      { bind: [ids], transaction, type: QueryTypes.SELECT },
    );
    return new Set(rows.map(({ id }) => id));
  }

  async remove(ids: readonly string[], transaction: Transaction): Promise<void> {
    await this.#sequelize.query('DELETE FROM dead_letters WHERE id = ANY ($1::bigint[])', { bind: [ids], transaction });
  }

  /** They stay where they are, with what the try has found out. */
  async keep(verdicts: readonly Verdict[], transaction: Transaction | null): Promise<void> {
    await this.#sequelize.query(
      `UPDATE dead_letters SET reason = v.reason, error = v.error, attempts = attempts + 1,
         attempted_at = clock_timestamp(), suspect = false
         FROM unnest($1::bigint[], $2::text[], $3::text[]) AS v(id, reason, error) WHERE dead_letters.id = v.id`,
      {
        bind: [
          verdicts.map(({ id }) => id),
          verdicts.map(({ reason }) => reason),
          verdicts.map(({ error }) => error.replaceAll('\0', '\uFFFD')),
        ],
        transaction,
      },
    );
  }

  /** The process died with them in hand: from now on each is tried alone. */
  async suspect(ids: readonly string[], transaction: Transaction): Promise<void> {
    await this.#sequelize.query('UPDATE dead_letters SET suspect = true WHERE id = ANY ($1::bigint[])', {
      bind: [ids],
      transaction,
    });
  }

  /** The process died with this one alone in hand. */
  async blame(id: string, act: string, transaction: Transaction): Promise<void> {
    await this.#sequelize.query(
      `UPDATE dead_letters SET reason = 'killed-the-process', attempts = attempts + 1, attempted_at = clock_timestamp(), suspect = false,
         error = 'The node ended while act ' || $2 || ' had this letter alone in hand. Before that: ' || reason || ': ' || error
        WHERE id = $1`,
      { bind: [id, act], transaction },
    );
  }

  async #within(where: string, binds: readonly unknown[], limit: string): Promise<Letter[]> {
    return this.#sequelize.query<Letter>(
      `SELECT ${HEAD}, d.key, d.value, d.headers
         FROM (SELECT sized.id FROM (
                 SELECT chosen.*, sum(chosen.bytes) OVER (ORDER BY chosen.id) - chosen.bytes AS bytes_before
                   FROM (SELECT d.id, coalesce(octet_length(d.value), 0) + octet_length(d.headers::text) AS bytes
                           FROM dead_letters AS d ${where} ORDER BY d.id LIMIT ${limit}) AS chosen
               ) AS sized WHERE sized.bytes_before < ${MAX_BYTES}) AS taken
         JOIN dead_letters AS d ON d.id = taken.id ORDER BY d.id`,
      { bind: [...binds], type: QueryTypes.SELECT },
    );
  }
}
