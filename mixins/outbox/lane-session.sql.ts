import type { OutboxMessage } from './message.ts';
import type { OutboxRead } from './relay.ts';

/**
 * The statements of a relay's session. Advisory locks are pairs: the outbox table's oid, and a lane or the member lock.
 */

/** Shared by all members: how many hold it is how many there are. Above any lane. */
export const MEMBER_LOCK = 1_000_000;

export const PING = { name: 'outbox-ping', text: 'SELECT 1' };

export const SET = {
  name: 'outbox-set',
  text: 'SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS setting (name, value)',
};

export const PLACE = {
  name: 'outbox-place',
  text: `SELECT 'outbox'::regclass::oid::int AS outbox, pg_backend_pid() AS backend`,
};

export const JOIN = { name: 'outbox-join', text: `SELECT pg_advisory_lock_shared($1::int, ${MEMBER_LOCK})` };

export const NOTIFY = { name: 'outbox-notify', text: `SELECT pg_notify($1, '')` };

/** `pg_locks` shows the whole server: the same table oid in another database is another lock. */
export const LOCKS = {
  name: 'outbox-locks',
  text: `
    SELECT objid::int AS lock, count(*)::int AS members, bool_or(pid = pg_backend_pid()) AS here
    FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = $1::int::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY objid`,
};

export const CLAIM = {
  name: 'outbox-claim',
  text: 'SELECT lane FROM unnest($2::int[]) AS lane WHERE pg_try_advisory_lock($1::int, lane)',
};

export const RELEASE = {
  name: 'outbox-release',
  text: 'SELECT pg_advisory_unlock($1::int, lane) FROM unnest($2::int[]) AS lane',
};

/**
 * One query for all lanes. Within a lane by id, from where the caller says; lanes in the order given, so that the
 * limits cut off whole lanes at the end. The message that passes the limit of bytes is included.
 *
 * The read takes a number of its own, if it brings anything: the snapshot's xmax is one above the last transaction that
 * has ended, and whoever is writing just now may have that number or a higher one.
 */
export const READ = {
  name: 'outbox-read',
  text: `
    SELECT lane, id, event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, type,
      payload::text AS payload, headers, created_at, bytes,
      extract(epoch FROM clock_timestamp() - created_at)::float8 * 1000 AS age_ms,
      (SELECT pg_snapshot_xmin(pg_current_snapshot())::text) AS oldest_running,
      (SELECT pg_current_xact_id()::text) AS next_transaction
    FROM (
      SELECT waiting.*, l.turn, sum(bytes) OVER (ORDER BY l.turn, id ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before
      FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS l (lane, after_id, turn)
      CROSS JOIN LATERAL (
        SELECT * FROM outbox WHERE lane = l.lane AND id > l.after_id ORDER BY id LIMIT $3::int
      ) AS waiting
      LIMIT $3::int
    ) AS messages
    WHERE bytes_before <= $4::bigint
    ORDER BY turn, id`,
};

/**
 * By address, each found by the primary key. To PostgreSQL the table is empty, as the last vacuum has seen it: free to
 * choose, it looks at all rows for each that is to go (150 rows a second beside 50 000 that wait). No address is used anew
 * while this statement sees its row.
 */
const ADDRESSES = `
  SELECT found.address FROM unnest($1::int[], $2::bigint[]) AS wanted (lane, id)
  CROSS JOIN LATERAL (
    SELECT ctid AS address FROM outbox WHERE outbox.lane = wanted.lane AND outbox.id = wanted.id OFFSET 0
  ) AS found`;

export const REMOVE = {
  name: 'outbox-remove',
  text: `DELETE FROM outbox WHERE ctid = ANY (ARRAY(${ADDRESSES}))`,
};

/**
 * One statement, so that no crash can leave a message in both tables or in none. What goes 'behind' an earlier message
 * does so only if that is still parked: it waits for a person who is just putting it back.
 */
export const PARK = {
  name: 'outbox-park',
  text: `
    WITH gone AS (
      DELETE FROM outbox WHERE ctid = ANY (ARRAY(${ADDRESSES})) AND ($3::text <> 'behind' OR EXISTS (
        SELECT FROM outbox_parked AS earlier
        WHERE earlier.lane = outbox.lane AND earlier.partition_key = outbox.partition_key AND earlier.id < outbox.id
        FOR KEY SHARE
      ))
      RETURNING outbox.*
    )
    INSERT INTO outbox_parked SELECT gone.*, $3::text, $4::text FROM gone RETURNING id`,
};

export const PARKED_KEYS = {
  name: 'outbox-parked-keys',
  text: `
    SELECT lane, partition_key AS "partitionKey", min(id) AS "firstId" FROM outbox_parked
    WHERE lane = ANY ($1::int[]) GROUP BY lane, partition_key`,
};

export const MEASURE = {
  name: 'outbox-measure',
  text: `
    SELECT coalesce(sum(waiting.messages), 0) AS backlog,
      coalesce(extract(epoch FROM clock_timestamp() - min(waiting.oldest))::float8 * 1000, 0) AS "oldestAgeMs"
    FROM unnest($1::int[]) AS l (lane)
    CROSS JOIN LATERAL (
      SELECT count(*) AS messages, min(created_at) AS oldest FROM outbox WHERE lane = l.lane
    ) AS waiting`,
};

export interface MessageRow {
  lane: number;
  /** bigint comes as text. */
  id: string;
  event_id: string;
  aggregate_type: string;
  aggregate_id: string;
  aggregate_version: string;
  partition_key: string;
  type: string;
  payload: string;
  headers: { dataschema: string; traceparent?: string };
  created_at: Date;
  bytes: number;
  age_ms: number;
  oldest_running: string;
  next_transaction: string;
}

export function toRead(rows: readonly MessageRow[]): OutboxRead {
  const [row] = rows;
  const snapshot =
    row === undefined ? null : { oldestRunning: Number(row.oldest_running), next: Number(row.next_transaction) };
  return { messages: rows.map(toMessage), snapshot };
}

function toMessage(row: MessageRow): OutboxMessage {
  return {
    lane: row.lane,
    // Exact: at a million a second, 2^53 ids last for 285 years.
    id: Number(row.id),
    eventId: row.event_id,
    aggregateType: row.aggregate_type,
    aggregateId: row.aggregate_id,
    aggregateVersion: Number(row.aggregate_version),
    partitionKey: row.partition_key,
    type: row.type,
    dataschema: row.headers.dataschema,
    traceparent: row.headers.traceparent ?? null,
    payload: row.payload,
    createdAt: row.created_at,
    bytes: row.bytes,
    ageMs: row.age_ms,
  };
}
