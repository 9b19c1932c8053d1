import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Arrival, EventTrail, StoryLetter } from '../../contract/story.ts';

/** Which event, at which consumer of the service whose database is read. */
export interface TrailOf {
  readonly service: string;
  /** `service.consumer` */
  readonly consumer: string;
  readonly eventId: string;
  /** The event's, for dead letters that bear no id. */
  readonly aggregateType: string;
  readonly aggregateId: string;
}

interface ArrivalRow {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly ce_time: Date | null;
  readonly kafka_time: Date;
  readonly received_at: Date;
  readonly committed_at: Date;
  readonly node: string;
  readonly attempts: number | null;
  readonly duplicates: number | null;
}

type LetterRow = Omit<StoryLetter, 'at' | 'service'> & { readonly at: Date };

const LETTERS = `
  SELECT id::text AS "deadLetterId", consumer, event_id AS "eventId", 'open' AS state, reason || ': ' || error AS error, parked_at AS at
    FROM dead_letters
   WHERE consumer = $1 AND aggregate_type = $3 AND aggregate_id = $4 AND (event_id IS NULL OR event_id = $2::uuid)
  UNION ALL
  SELECT acted.letter_id::text, acted.consumer, acted.event_id, acted.outcome,
         'act ' || acts.id || ' by ' || acts.by_whom || ': ' || acts.why || coalesce('; ' || acted.detail, ''), acted.at
    FROM dead_letter_act_letters AS acted JOIN dead_letter_acts AS acts ON acts.id = acted.act_id
   WHERE acted.consumer = $1 AND acted.event_id = $2::uuid
   ORDER BY at`;

/** What a service's inbox and dead letters know of one event, from the first delivery on. */
export async function readTrail(sequelize: Sequelize, of: TrailOf, transaction: Transaction): Promise<EventTrail> {
  const [row] = await sequelize.query<ArrivalRow>(
    `SELECT topic, partition, "offset", ce_time, kafka_time, received_at, committed_at, node, attempts, duplicates
       FROM inbox WHERE consumer = $1 AND event_id = $2`,
    { bind: [of.consumer, of.eventId], transaction, type: QueryTypes.SELECT },
  );
  const letters = await sequelize.query<LetterRow>(LETTERS, {
    bind: [of.consumer, of.eventId, of.aggregateType, of.aggregateId],
    transaction,
    type: QueryTypes.SELECT,
  });
  return {
    arrival: row === undefined ? null : toArrival(row),
    letters: letters.map((letter) => ({ ...letter, service: of.service, at: letter.at.toISOString() })),
  };
}

function toArrival(row: ArrivalRow): Arrival {
  const { topic, partition, offset, node, attempts, duplicates } = row;
  return {
    record: { topic, partition, offset },
    eventTime: row.ce_time?.toISOString() ?? null,
    kafkaTime: row.kafka_time.toISOString(),
    receivedAt: row.received_at.toISOString(),
    committedAt: row.committed_at.toISOString(),
    node,
    attempts,
    duplicates,
  };
}
