import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import { aggregateKey, type Aggregate, type InboxMessage, type Poison } from './record.ts';

export interface Parked {
  readonly message: InboxMessage;
  readonly poison: Poison;
}

/** Where and for whom statements run. */
export interface InboxContext {
  readonly sequelize: Sequelize;
  /** Name of the consumer: `service.consumer`. */
  readonly consumer: string;
  readonly node: string;
}

/**
 * Takes the advisory locks of aggregates until the transaction ends, in one order for everybody. Whoever parks,
 * replays or discards an aggregate's events holds its lock, so that "is something parked?" has one answer meanwhile.
 */
export async function lockAggregates(
  { sequelize, consumer }: InboxContext,
  aggregates: readonly Aggregate[],
  transaction: Transaction,
): Promise<void> {
  await sequelize.query(
    `SELECT pg_advisory_xact_lock(key)
       FROM (SELECT DISTINCT hashtextextended($1 || '/' || name, 0) AS key FROM unnest($2::text[]) AS name ORDER BY 1) AS ordered`,
    { bind: [consumer, aggregates.map(aggregateKey)], transaction, type: QueryTypes.SELECT },
  );
}

/** @returns the keys of those aggregates that have dead letters at this consumer */
export async function parkedAggregates(
  { sequelize, consumer }: InboxContext,
  aggregates: readonly Aggregate[],
  transaction: Transaction,
): Promise<Set<string>> {
  const rows = await sequelize.query<Aggregate>(
    `SELECT DISTINCT aggregate_type AS type, aggregate_id AS id FROM dead_letters
      WHERE consumer = $1 AND (aggregate_type, aggregate_id) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
    {
      bind: [consumer, aggregates.map(({ type }) => type), aggregates.map(({ id }) => id)],
      transaction,
      type: QueryTypes.SELECT,
    },
  );
  return new Set(rows.map(aggregateKey));
}

/**
 * Writes dead letters, in order. A record that lies there already (the topic is read again) stays as it is.
 *
 * @param parked in the order in which they are to be replayed
 * @returns how many are new
 */
export async function park(
  { sequelize, consumer, node }: InboxContext,
  parked: readonly Parked[],
  transaction: Transaction,
): Promise<number> {
  const column = <T>(read: (each: Parked) => T): T[] => parked.map(read);
  const rows = await sequelize.query(
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
        consumer,
        node,
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
