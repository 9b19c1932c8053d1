import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Waiting } from '../../contract/story.ts';
import { laneOf } from './lanes.ts';

interface Row {
  readonly since: Date;
  readonly reason: string | null;
  readonly error: string | null;
  readonly at: Date | null;
}

/**
 * Looks for an event in its lane of the outbox, and among what was set aside of its key. The lane is read up to the event:
 * there is no index by id, on purpose.
 */
export async function findWaiting(
  sequelize: Sequelize,
  event: { readonly eventId: string; readonly partitionKey: string; readonly lanes: number },
  transaction: Transaction,
): Promise<Waiting | null> {
  const lane = laneOf(event.partitionKey, event.lanes);
  const [row] = await sequelize.query<Row>(
    `(SELECT created_at AS since, reason, error, parked_at AS at FROM outbox_parked
       WHERE lane = $1 AND partition_key = $2 AND event_id = $3::uuid LIMIT 1)
     UNION ALL
     (SELECT created_at, NULL, NULL, NULL FROM outbox WHERE lane = $1 AND event_id = $3::uuid ORDER BY id LIMIT 1)`,
    { bind: [lane, event.partitionKey, event.eventId], transaction, type: QueryTypes.SELECT },
  );
  if (row === undefined) return null;
  const { since, reason, error, at } = row;
  return {
    lane,
    since: since.toISOString(),
    parked: at === null ? null : { reason: reason ?? '', error: error ?? '', at: at.toISOString() },
  };
}
