import pg from 'pg';
import type { Service, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import type { DatabaseConfig } from '../config/config.ts';
import { problem } from '../problems/problems.ts';
import { CONNECT_TIMEOUT_MS, SESSION_LIMITS } from './database/session-limits.ts';

/** What the mixin gives to its service. */
export interface OperatorReadsService extends Service {
  /**
   * Reads for a person, never in the way of the service's own work.
   *
   * @throws the problem `service-unavailable` when it takes too long
   */
  readForOperator<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[]): Promise<Row[]>;
}

/** Several people look at the same time; the third waits a moment. */
const CONNECTIONS = 2;
const STATEMENT_TIMEOUT_MS = 2000;
/** Nobody looks at night. */
const IDLE_MS = 10_000;
const QUERY_CANCELED = '57014';

const SESSION = [
  SESSION_LIMITS,
  `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`,
  '-c default_transaction_read_only=on',
  // A plan for each question: the filters decide which index is right.
  '-c plan_cache_mode=force_custom_plan',
].join(' ');

/**
 * Connections of their own for what operators look at: few, read-only, each statement bounded. What somebody asks of a
 * table of ten million rows takes neither the service's connections nor, for long, the database.
 */
export function operatorReads(config: DatabaseConfig): Partial<ServiceSchema> {
  const pools = new WeakMap<Service, pg.Pool>();
  const mixin: Partial<ServiceSchema<ServiceSettingSchema, OperatorReadsService>> = {
    methods: {
      async readForOperator(this: OperatorReadsService, sql: string, values: readonly unknown[]) {
        const pool = pools.get(this) ?? openPool(config);
        pools.set(this, pool);
        try {
          const { rows } = await pool.query(sql, [...values]);
          return rows as pg.QueryResultRow[];
        } catch (error) {
          if (!(error instanceof pg.DatabaseError) || error.code !== QUERY_CANCELED) throw error;
          throw problem(
            'service-unavailable',
            `The database took longer than ${STATEMENT_TIMEOUT_MS / 1000} s for this. Narrow it down: by user, status or time.`,
          );
        }
      },
    },
    async stopped(this: OperatorReadsService) {
      const pool = pools.get(this);
      pools.delete(this);
      await pool?.end();
    },
  };
  return mixin as Partial<ServiceSchema>;
}

function openPool({ url }: DatabaseConfig): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    idleTimeoutMillis: IDLE_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'operator-reads',
    options: SESSION,
    allowExitOnIdle: true,
  });
  // Of a connection that nobody uses just now; the next question opens another one.
  pool.on('error', () => undefined);
  return pool;
}
