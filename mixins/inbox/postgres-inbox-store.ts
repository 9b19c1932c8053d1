import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import { run } from '../database/statement.ts';
import type { CrashMarker, InboxStore, Parked } from './inbox-store.ts';
import { aggregateKey, type Aggregate, type InboxMessage } from './record.ts';

/** Where and for whom statements run. */
export interface InboxContext {
  readonly sequelize: Sequelize;
  /** Name of the consumer: `service.consumer`. */
  readonly consumer: string;
  readonly node: string;
}

/** The largest that a smallint holds. */
const MAX_SMALLINT = 32_767;

const PARKED_AGGREGATES = {
  name: 'inbox-parked-aggregates',
  text: `
    SELECT DISTINCT aggregate_type AS type, aggregate_id AS id FROM dead_letters
     WHERE consumer = $1 AND (aggregate_type, aggregate_id) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
};

const SETTLED_HASHES = {
  name: 'inbox-settled-hashes',
  text: 'SELECT event_id, payload_hash FROM inbox WHERE consumer = $1 AND event_id = ANY ($2::uuid[])',
};

const INSERT_INBOX_ROWS = {
  name: 'inbox-insert',
  text: `
    INSERT INTO inbox (consumer, event_id, payload_hash, topic, partition, "offset", ce_time, kafka_time, received_at, node, attempts, duplicates)
    SELECT $1, a.event_id, a.payload_hash, a.topic, a.partition, a."offset", a.ce_time, a.kafka_time, a.received_at, $2, a.attempts, 0
      FROM unnest($3::uuid[], $4::bytea[], $5::text[], $6::int[], $7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::smallint[])
           AS a(event_id, payload_hash, topic, partition, "offset", ce_time, kafka_time, received_at, attempts)
     ORDER BY a.event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id`,
};

/** The ids once more as a list: by it each is found in its partition, whatever the planner thinks of the join. */
const COUNT_DUPLICATES = {
  name: 'inbox-count-duplicates',
  text: `
    UPDATE inbox SET duplicates = least(coalesce(inbox.duplicates, 0) + again.times, ${MAX_SMALLINT})
      FROM unnest($2::uuid[], $3::int[]) AS again(event_id, times)
     WHERE inbox.consumer = $1 AND inbox.event_id = ANY ($2::uuid[]) AND inbox.event_id = again.event_id`,
};

/** One consumer's part of its service's database. */
export class PostgresInboxStore implements InboxStore<Transaction> {
  readonly #sequelize: Sequelize;
  readonly #consumer: string;
  readonly #node: string;

  constructor({ sequelize, consumer, node }: InboxContext) {
    this.#sequelize = sequelize;
    this.#consumer = consumer;
    this.#node = node;
  }

  async transaction(work: (transaction: Transaction) => Promise<void>): Promise<void> {
    await this.#sequelize.transaction(work);
  }

  async lockAggregates(aggregates: readonly Aggregate[], transaction: Transaction): Promise<void> {
    await this.#sequelize.query(
      `SELECT pg_advisory_xact_lock(key)
         FROM (SELECT DISTINCT hashtextextended($1 || '/' || name, 0) AS key FROM unnest($2::text[]) AS name ORDER BY 1) AS ordered`,
      { bind: [this.#consumer, aggregates.map(aggregateKey)], transaction, type: QueryTypes.SELECT },
    );
  }

  async parkedAggregates(aggregates: readonly Aggregate[], transaction: Transaction): Promise<Set<string>> {
    const rows = await run<Aggregate & object>(transaction, PARKED_AGGREGATES, [
      this.#consumer,
      aggregates.map(({ type }) => type),
      aggregates.map(({ id }) => id),
    ]);
    return new Set(rows.map(aggregateKey));
  }

  async settledHashes(eventIds: readonly string[], transaction: Transaction): Promise<Map<string, Buffer>> {
    if (eventIds.length === 0) return new Map();
    type Row = { readonly event_id: string; readonly payload_hash: Buffer };
    const rows = await run<Row>(transaction, SETTLED_HASHES, [this.#consumer, eventIds]);
    return new Map(rows.map(({ event_id, payload_hash }) => [event_id, payload_hash]));
  }

  async insertInboxRows(
    messages: readonly InboxMessage[],
    transaction: Transaction,
    attempt = 1,
  ): Promise<Set<string>> {
    const inserted = await run<{ event_id: string }>(transaction, INSERT_INBOX_ROWS, [
      this.#consumer,
      this.#node,
      messages.map(({ eventId }) => eventId),
      messages.map(({ payloadHash }) => payloadHash),
      messages.map(({ record }) => record.topic),
      messages.map(({ record }) => record.partition),
      messages.map(({ record }) => record.offset),
      messages.map(({ event }) => readTime(event?.time)),
      messages.map(({ record }) => record.kafkaTime.toISOString()),
      messages.map(({ record }) => record.receivedAt.toISOString()),
      messages.map(({ triedBefore = 0 }) => Math.min(triedBefore + attempt, MAX_SMALLINT)),
    ]);
    return new Set(inserted.map(({ event_id }) => event_id));
  }

  async countDuplicates(eventIds: readonly string[], transaction: Transaction): Promise<void> {
    const times = new Map<string, number>();
    // In order of id, as everybody who locks inbox rows.
    for (const eventId of [...eventIds].sort()) times.set(eventId, (times.get(eventId) ?? 0) + 1);
    await run(transaction, COUNT_DUPLICATES, [this.#consumer, [...times.keys()], [...times.values()]]);
  }

  async park(parked: readonly Parked[], transaction: Transaction): Promise<number> {
    const column = <T>(read: (each: Parked) => T): T[] => parked.map(read);
    const rows = await this.#sequelize.query(
      `INSERT INTO dead_letters
         (consumer, topic, partition, "offset", key, value, headers, kafka_time, event_id, type, aggregate_type, aggregate_id, reason, error, node)
       SELECT $1, a.topic, a.partition, a."offset", a.key, a.value, a.headers, a.kafka_time, a.event_id, a.type, a.aggregate_type, a.aggregate_id, a.reason, a.error, $2
         FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bytea[], $7::bytea[], $8::json[], $9::timestamptz[], $10::uuid[],
                     $11::text[], $12::text[], $13::text[], $14::text[], $15::text[]) WITH ORDINALITY
              AS a(topic, partition, "offset", key, value, headers, kafka_time, event_id, type, aggregate_type, aggregate_id, reason, error, position)
        ORDER BY a.position
       ON CONFLICT (consumer, topic, partition, "offset") DO NOTHING
       RETURNING id`,
      {
        bind: [
          this.#consumer,
          this.#node,
          column(({ message }) => message.record.topic),
          column(({ message }) => message.record.partition),
          column(({ message }) => message.record.offset.toString()),
          column(({ message }) => message.record.key),
          column(({ message }) => message.record.value),
          column(({ message }) => headersAsJson(message)),
          column(({ message }) => message.record.kafkaTime),
          column(({ message }) => message.eventId),
          column(({ message }) => message.type),
          column(({ message }) => message.aggregate?.type ?? null),
          column(({ message }) => message.aggregate?.id ?? null),
          column(({ poison }) => poison.reason),
          column(({ poison }) => poison.error.replaceAll('\0', '\uFFFD')),
        ],
        transaction,
        type: QueryTypes.SELECT,
      },
    );
    return rows.length;
  }

  async readMarkers(topic: string, partitions: readonly number[]): Promise<CrashMarker[]> {
    const rows = await this.#sequelize.query<MarkerRow>(
      `SELECT partition, first_offset, last_offset, alone_offset, attempts FROM crash_markers
        WHERE consumer = $1 AND topic = $2 AND partition = ANY ($3::int[])`,
      { bind: [this.#consumer, topic, partitions], type: QueryTypes.SELECT },
    );
    return rows.map((row) => ({
      partition: row.partition,
      firstOffset: BigInt(row.first_offset),
      lastOffset: BigInt(row.last_offset),
      aloneOffset: row.alone_offset === null ? null : BigInt(row.alone_offset),
      attempts: row.attempts,
    }));
  }

  async writeMarkers(topic: string, markers: readonly CrashMarker[]): Promise<void> {
    await this.#sequelize.query(
      `INSERT INTO crash_markers (consumer, topic, partition, first_offset, last_offset, alone_offset, attempts, node)
       SELECT $1, $2, a.partition, a.first, a.last, a.alone, a.attempts, $3
         FROM unnest($4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::int[]) AS a(partition, first, last, alone, attempts)
        ORDER BY a.partition
       ON CONFLICT (consumer, topic, partition) DO UPDATE
         SET first_offset = excluded.first_offset, last_offset = excluded.last_offset, alone_offset = excluded.alone_offset,
             attempts = excluded.attempts, node = excluded.node, written_at = clock_timestamp()`,
      {
        bind: [
          this.#consumer,
          topic,
          this.#node,
          markers.map(({ partition }) => partition),
          markers.map(({ firstOffset }) => firstOffset.toString()),
          markers.map(({ lastOffset }) => lastOffset.toString()),
          markers.map(({ aloneOffset }) => aloneOffset?.toString() ?? null),
          markers.map(({ attempts }) => attempts),
        ],
      },
    );
  }

  async advanceMarker(topic: string, partition: number, firstOffset: bigint, transaction: Transaction): Promise<void> {
    await this.#sequelize.query(
      `UPDATE crash_markers SET first_offset = $4, alone_offset = NULL, attempts = 0
        WHERE consumer = $1 AND topic = $2 AND partition = $3`,
      { bind: [this.#consumer, topic, partition, firstOffset.toString()], transaction },
    );
  }

  async forgiveMarkers(topic: string, partitions: readonly number[]): Promise<void> {
    await this.#sequelize.query(
      `UPDATE crash_markers SET attempts = greatest(attempts - 1, 0)
        WHERE consumer = $1 AND topic = $2 AND partition = ANY ($3::int[])`,
      { bind: [this.#consumer, topic, partitions] },
    );
  }

  async removeMarkers(topic: string, partitions: readonly number[], transaction: Transaction | null): Promise<void> {
    await this.#sequelize.query(
      'DELETE FROM crash_markers WHERE consumer = $1 AND topic = $2 AND partition = ANY ($3::int[])',
      { bind: [this.#consumer, topic, partitions], transaction },
    );
  }
}

interface MarkerRow {
  readonly partition: number;
  readonly first_offset: string;
  readonly last_offset: string;
  readonly alone_offset: string | null;
  readonly attempts: number;
}

/** The event's own time when it is one; its text is not checked by any schema. */
function readTime(time: string | undefined): string | null {
  const date = new Date(time ?? '');
  // Beyond the year 9999 the two write times differently.
  return date.getTime() >= 0 && date.getUTCFullYear() <= 9999 ? date.toISOString() : null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The headers as JSON: text as text, bytes that are none as `{"base64": …}`; a replay has to give them back exactly. */
function headersAsJson({ record }: InboxMessage): string {
  const one = (value: Buffer | string): unknown => {
    if (typeof value === 'string') return value;
    try {
      return utf8.decode(value);
    } catch {
      return { base64: value.toString('base64') };
    }
  };
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(record.headers ?? {}).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.map(one) : one(value)]],
      ),
    ),
  );
}
