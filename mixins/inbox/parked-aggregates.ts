import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';

/** Which of these aggregates have dead letters at any consumer of the service. */
export async function aggregatesParked(
  sequelize: Sequelize,
  aggregateType: string,
  aggregateIds: readonly string[],
  transaction: Transaction | null,
): Promise<Set<string>> {
  const rows = await sequelize.query<{ aggregate_id: string }>(
    'SELECT DISTINCT aggregate_id FROM dead_letters WHERE aggregate_type = $1 AND aggregate_id = ANY ($2::text[])',
    { bind: [aggregateType, aggregateIds], type: QueryTypes.SELECT, transaction },
  );
  return new Set(rows.map((row) => row.aggregate_id));
}
