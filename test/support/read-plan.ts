import pg from 'pg';

/** A statement as it was sent to PostgreSQL. */
export interface SentStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

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

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

/**
 * @param table whose statements are meant
 * @param read calls actions of services in this process
 * @returns the SELECTs on that table that were sent meanwhile, as they were sent
 */
export async function statementsOn(table: string, read: () => Promise<unknown>): Promise<SentStatement[]> {
  const sent: SentStatement[] = [];
  const pattern = new RegExp(`^\\s*SELECT .* FROM "?${table}"? `, 's');
  const query = jest.spyOn(pg.Client.prototype, 'query') as unknown as jest.SpyInstance<unknown, unknown[]>;
  try {
    await read();
    for (const [sql, values] of query.mock.calls) {
      if (typeof sql === 'string' && pattern.test(sql)) sent.push({ sql, values: Array.isArray(values) ? values : [] });
    }
  } finally {
    query.mockRestore();
  }
  return sent;
}

/** Runs a statement, and tells how. */
export async function planOf(client: pg.Client, { sql, values }: SentStatement): Promise<ReadPlan> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
    [...values],
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
