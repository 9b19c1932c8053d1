import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';

/**
 * Which of these aggregates have events that wait in the outbox, or lie parked beside it. It reads the outbox once, which
 * is empty most of the time: for the rare question, not for each write.
 */
export async function aggregatesWaiting(
  sequelize: Sequelize,
  aggregateType: string,
  aggregateIds: readonly string[],
  transaction: Transaction | null,
): Promise<Set<string>> {
  const rows = await sequelize.query<{ aggregate_id: string }>(
    `SELECT aggregate_id FROM outbox WHERE aggregate_type = $1 AND aggregate_id = ANY ($2::text[])
     UNION SELECT aggregate_id FROM outbox_parked WHERE aggregate_type = $1 AND aggregate_id = ANY ($2::text[])`,
    { bind: [aggregateType, aggregateIds], type: QueryTypes.SELECT, transaction },
  );
  return new Set(rows.map((row) => row.aggregate_id));
}
