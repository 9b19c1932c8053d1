import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Selection } from '../../dead-letters/selection.ts';

/** An event that the relay has set aside, without its content. */
export interface ParkedHead {
  readonly id: string;
  readonly lane: number;
  readonly eventId: string;
  readonly type: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly partitionKey: string;
  readonly reason: string;
  readonly error: string;
  readonly createdAt: Date;
  readonly parkedAt: Date;
  readonly bytes: number;
  /** Earlier events of its key that are parked, too. */
  readonly behind: number;
}

export interface ParkedEvent extends ParkedHead {
  readonly aggregateVersion: string;
  readonly payload: string;
  readonly headers: object;
}

const EARLIER = `FROM outbox_parked AS e WHERE e.lane = d.lane AND e.partition_key = d.partition_key AND e.id < d.id`;

const HEAD = `
  d.id, d.lane, d.event_id AS "eventId", d.type, d.aggregate_type AS "aggregateType", d.aggregate_id AS "aggregateId",
  d.partition_key AS "partitionKey", d.reason, d.error, d.created_at AS "createdAt", d.parked_at AS "parkedAt", d.bytes,
  (SELECT count(*)::int ${EARLIER}) AS behind`;

/** Conditions $1 to $8. */
const SELECTED = `
  ($1::bigint[] IS NULL OR d.id = ANY ($1)) AND ($2::text IS NULL OR d.partition_key = $2)
  AND ($3::text IS NULL OR (d.aggregate_type = $3 AND d.aggregate_id = $4))
  AND ($5::text IS NULL OR d.reason = $5) AND ($6::text IS NULL OR d.type = $6)
  AND ($7::timestamptz IS NULL OR d.parked_at >= $7) AND ($8::timestamptz IS NULL OR d.parked_at < $8)`;

const COLUMNS =
  'id, event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, created_at';

/** Of more, nobody needs to know how many. */
const MAX_COUNTED = 10_000;

/** The table `outbox_parked` of a service. */
export class ParkedTable {
  readonly #sequelize: Sequelize;

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
  }

  async count(): Promise<{ count: number; oldest: Date | null }> {
    const [row] = await this.#sequelize.query<{ count: number; oldest: Date | null }>(
      'SELECT count(*)::int AS count, min(parked_at) AS oldest FROM outbox_parked',
      { type: QueryTypes.SELECT },
    );
    return row ?? { count: 0, oldest: null };
  }

  /** How many there are, at a bounded cost. @returns one more than are counted when there are more */
  async countSome(): Promise<number> {
    const [row] = await this.#sequelize.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (SELECT FROM outbox_parked LIMIT ${MAX_COUNTED + 1}) AS counted`,
      { type: QueryTypes.SELECT },
    );
    return row?.count ?? 0;
  }

  async total(selection: Selection): Promise<number> {
    const [row] = await this.#sequelize.query<{ total: number }>(
      `SELECT count(*)::int AS total FROM outbox_parked AS d WHERE ${SELECTED}`,
      { bind: bindsOf(selection), type: QueryTypes.SELECT },
    );
    return row?.total ?? 0;
  }

  /** @returns events after an id, in order of id */
  page(selection: Selection, after: string, limit: number): Promise<ParkedHead[]> {
    return this.#sequelize.query<ParkedHead>(
      `SELECT ${HEAD} FROM outbox_parked AS d WHERE ${SELECTED} AND d.id > $9 ORDER BY d.id LIMIT $10`,
      { bind: [...bindsOf(selection), after, limit], type: QueryTypes.SELECT },
    );
  }

  async show(id: string): Promise<ParkedEvent | null> {
    const [row] = await this.#sequelize.query<ParkedEvent>(
      `SELECT ${HEAD}, d.aggregate_version AS "aggregateVersion", d.payload::text AS payload, d.headers FROM outbox_parked AS d WHERE d.id = $1`,
      { bind: [id], type: QueryTypes.SELECT },
    );
    return row ?? null;
  }

  /**
   * Events that were parked only because of an earlier one of their key, and have nothing before them any more but each other.
   *
   * @param keys of these alone; null: of all
   * @param known events that count as gone, in a dry run, and those that the act has dealt with
   */
  followers(
    keys: readonly string[] | null,
    known: { readonly gone: readonly string[]; readonly seen: readonly string[] },
    limit: number,
  ): Promise<ParkedHead[]> {
    return this.#sequelize.query<ParkedHead>(
      `SELECT ${HEAD} FROM outbox_parked AS d
        WHERE d.reason = 'behind' AND ($1::text[] IS NULL OR d.partition_key = ANY ($1)) AND d.id <> ALL ($3::bigint[])
          AND NOT EXISTS (SELECT ${EARLIER} AND e.reason <> 'behind' AND e.id <> ALL ($2::bigint[]))
        ORDER BY d.id LIMIT $4`,
      { bind: [keys, known.gone, known.seen, limit], type: QueryTypes.SELECT },
    );
  }

  /** Locks events until the transaction ends. @returns those that are there and have no earlier one of their key but each other */
  async lock(ids: readonly string[], gone: readonly string[], transaction: Transaction): Promise<LockedEvents> {
    const there = await this.#sequelize.query<{ id: string }>(
      'SELECT id FROM outbox_parked WHERE id = ANY ($1::bigint[]) ORDER BY lane, id FOR UPDATE',
      { bind: [ids], transaction, type: QueryTypes.SELECT },
    );
    const blocked = await this.#sequelize.query<{ id: string; first: string }>(
      `SELECT d.id, first.id AS first FROM outbox_parked AS d
         CROSS JOIN LATERAL (SELECT e.id ${EARLIER} AND e.id <> ALL ($1::bigint[]) AND e.id <> ALL ($2::bigint[]) ORDER BY e.id LIMIT 1) AS first
        WHERE d.id = ANY ($1::bigint[])`,
      { bind: [ids, gone], transaction, type: QueryTypes.SELECT },
    );
    return {
      there: new Set(there.map(({ id }) => id)),
      blocked: new Map(blocked.map(({ id, first }) => [id, first])),
    };
  }

  /** They keep their ids, so they go out before later ones of their key, also while the key goes on being written. */
  async putBack(ids: readonly string[], transaction: Transaction): Promise<void> {
    await this.#sequelize.query(
      `WITH back AS (DELETE FROM outbox_parked WHERE id = ANY ($1::bigint[]) RETURNING *)
       INSERT INTO outbox (${COLUMNS}) SELECT ${COLUMNS} FROM back ORDER BY id`,
      { bind: [ids], transaction },
    );
  }

  async remove(ids: readonly string[], transaction: Transaction): Promise<void> {
    await this.#sequelize.query('DELETE FROM outbox_parked WHERE id = ANY ($1::bigint[])', {
      bind: [ids],
      transaction,
    });
  }
}

interface LockedEvents {
  readonly there: ReadonlySet<string>;
  /** With the earlier event that it waits for. */
  readonly blocked: ReadonlyMap<string, string>;
}

function bindsOf({ ids, key, aggregate, reason, type, from, to }: Selection): unknown[] {
  const slash = aggregate?.indexOf('/') ?? -1;
  return [ids, key, aggregate?.slice(0, slash) ?? null, aggregate?.slice(slash + 1) ?? null, reason, type, from, to];
}
