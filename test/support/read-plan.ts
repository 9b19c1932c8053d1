import type { Sequelize } from 'sequelize';
import type { Client } from 'pg';

/** How PostgreSQL answered a statement, as far as its cost at size is concerned. */
export interface ReadPlan {
  readonly sql: string;
  /** Kinds of the plan's nodes, from the outermost on. */
  readonly nodes: readonly string[];
  readonly indexes: readonly string[];
  /** Pages of 8 KiB that were looked at, in memory or not. */
  readonly pages: number;
  /** Rows that were read and thrown away. */
  readonly rowsRemoved: number;
}

/** Sequelize's own options, which its types do not tell. */
interface Logging {
  readonly options: { logging: false | ((line: string) => void) };
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

/**
 * @param sequelize a service's own
 * @param read calls its actions
 * @param table whose statements are meant
 * @returns the SELECTs on that table that Sequelize sent meanwhile, as it sent them
 */
export async function statementsOf(
  sequelize: Sequelize,
  table: string,
  read: () => Promise<unknown>,
): Promise<string[]> {
  const sent: string[] = [];
  const { options } = sequelize as unknown as Logging;
  const { logging } = options;
  options.logging = (line) => {
    const sql = line.replace(/^Executing \([^)]*\): /, '');
    if (new RegExp(`^SELECT .* FROM "?${table}"? `, 's').test(sql)) sent.push(sql);
  };
  try {
    await read();
  } finally {
    options.logging = logging;
  }
  return sent;
}

/** Runs a statement, and tells how. */
export async function planOf(client: Client, sql: string): Promise<ReadPlan> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
  );
  const top = rows[0]?.['QUERY PLAN'][0].Plan;
  if (top === undefined) throw new Error('EXPLAIN answered nothing.');
  const all = nodesUnder(top);
  return {
    sql,
    nodes: all.map((node) => node['Node Type']),
    indexes: all.flatMap((node) => node['Index Name'] ?? []),
    pages: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
    rowsRemoved: all.reduce((sum, node) => sum + (node['Rows Removed by Filter'] ?? 0), 0),
  };
}

function nodesUnder(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesUnder)];
}
