import { QueryTypes, type Sequelize } from 'sequelize';
import type { LetterGroup, Side } from '../../contract/dead-letters.ts';

/** More kinds of trouble than anybody reads. */
const MAX_GROUPS = 200;

const SQL: Readonly<Record<Side, string>> = {
  consumer: groupsOf('dead_letters', 'consumer'),
  relay: groupsOf('outbox_parked', 'NULL::text'),
};

function groupsOf(table: string, consumer: string): string {
  return `SELECT ${consumer} AS consumer, reason, type, count(*)::int AS count, min(parked_at) AS oldest,
      max(parked_at) AS newest, (array_agg(error ORDER BY id DESC))[1] AS error
    FROM ${table} GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1, 2, 3 LIMIT ${MAX_GROUPS}`;
}

/** @returns the groups of one side, the largest first */
export async function letterGroups(sequelize: Sequelize, side: Side): Promise<LetterGroup<Date>[]> {
  const rows = await sequelize.query<Omit<LetterGroup<Date>, 'side'>>(SQL[side], { type: QueryTypes.SELECT });
  return rows.map((row) => ({ side, ...row }));
}
