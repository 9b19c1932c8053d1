import type { Context, Service, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import { Sequelize } from 'sequelize';
import type { DatabaseConfig } from '../config/config.ts';
import { addReadinessCheck } from '../health/readiness.ts';
import { databaseMetricsOf, type PoolUse } from '../metrics/database-metrics.ts';
import { errorText } from '../problems/error-text.ts';
import { problem } from '../problems/problems.ts';
import { isDatabaseUnavailable } from './database/errors.ts';
import { migrate, readSchemaState } from './database/migrate.ts';
import type { Migration } from './database/migration.ts';
import { CONNECT_TIMEOUT_MS, POOL_SETTINGS } from './database/session-limits.ts';

export interface DatabaseOptions {
  readonly config: DatabaseConfig;
  /** Every step of this database's schema, those of other mixins included, in order. */
  readonly migrations: readonly Migration[];
}

/** What the mixin gives to its service. */
export interface DatabaseService extends Service {
  /** There from `created` on; usable from `started` on. */
  sequelize: Sequelize;
}

/** How long a transaction waits for a free connection before the caller is told to come back. */
const ACQUIRE_TIMEOUT_MS = 3000;
/** Pauses between attempts to reach a database that is not there yet. */
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 5000;
/** How often readiness looks whether the database answers. */
const PROBE_INTERVAL_MS = 2000;
const PROBE_TIMEOUT_MS = 2000;

/**
 * Gives a service its Sequelize: one pool per node, limits on every session, migrations at start (or, where somebody
 * else does those, a start that waits for them).
 * List it last: mixins start in reverse order, and everything else stands on it.
 *
 * A database that cannot be reached delays the start instead of failing it. An action that fails because the database
 * is away answers `service-unavailable`.
 *
 * @param options where the database is, and its schema's steps
 */
export function database(options: DatabaseOptions): Partial<ServiceSchema> {
  let probe: NodeJS.Timeout | undefined;
  let stopping = false;

  const mixin: Partial<ServiceSchema<ServiceSettingSchema, DatabaseService>> = {
    created(this: DatabaseService) {
      // Not in the schema: Moleculer clones schemas deeply, and a cloned Sequelize fails at its first query.
      this.sequelize = createSequelize(options.config);
      databaseMetricsOf(this.broker).pools.add(this.name, () => poolUse(this.sequelize));
    },

    async started(this: DatabaseService) {
      stopping = false;
      const state = { unready: 'not reached yet' as string | null };
      addReadinessCheck(this.broker, 'database', () => state.unready);
      await untilSchemaIsThere(options, this.logger, state, () => stopping);
      probe = setInterval(() => {
        void probeDatabase(this.sequelize).then((unready) => (state.unready = unready));
      }, PROBE_INTERVAL_MS);
      probe.unref();
    },

    async stopped(this: DatabaseService) {
      stopping = true;
      clearInterval(probe);
      await this.sequelize.close();
    },

    hooks: {
      error: {
        '*': (_ctx: Context, error: Error) => {
          throw isDatabaseUnavailable(error)
            ? problem(
                'service-unavailable',
                'The database does not answer right now. Nothing was changed; try again.',
                {
                  retryAfterS: 1,
                },
              )
            : error;
        },
      },
    },
  };
  return mixin as Partial<ServiceSchema>;
}

function createSequelize(config: DatabaseConfig): Sequelize {
  return new Sequelize(config.url, {
    dialect: 'postgres',
    logging: false,
    pool: { max: config.poolSize, min: 0, acquire: ACQUIRE_TIMEOUT_MS, idle: 30_000 },
    // Off: a connection attempt that fails is an answer, not something to repeat unseen.
    retry: { max: 0 },
    dialectOptions: {
      application_name: 'moleculer-orders-payments',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      options: POOL_SETTINGS,
    },
  });
}

/** What Sequelize has, and its types do not say. */
type PooledSequelize = Sequelize & {
  readonly connectionManager: {
    readonly pool: { readonly available: number; readonly using: number; readonly waiting: number };
  };
};

function poolUse(sequelize: Sequelize): PoolUse {
  const { available, using, waiting } = (sequelize as PooledSequelize).connectionManager.pool;
  return { idle: available, used: using, waiting };
}

async function untilSchemaIsThere(
  options: DatabaseOptions,
  logger: Service['logger'],
  state: { unready: string | null },
  isStopping: () => boolean,
): Promise<void> {
  for (let pauseMs = RETRY_MIN_MS; !isStopping(); pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
    const before = state.unready;
    try {
      state.unready = await whatIsMissing(options, logger);
      if (state.unready === null) return;
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      state.unready = `the database does not answer: ${errorText(error)}`;
    }
    if (state.unready !== before) logger.warn(`Waiting: ${state.unready}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Migrates, or only looks. @returns null when the schema is whole, otherwise a sentence */
async function whatIsMissing(
  { config, migrations }: DatabaseOptions,
  logger: Service['logger'],
): Promise<string | null> {
  if (config.migratesOnStart) {
    const applied = await migrate(config.directUrl, migrations);
    if (applied.length > 0) logger.info(`Schema brought up to date: ${applied.join(', ')}.`);
    return null;
  }
  const { pending, unknown } = await readSchemaState(config.directUrl, migrations);
  if (unknown.length > 0) logger.warn(`The schema has steps of a newer version: ${unknown.join(', ')}.`);
  return pending.length === 0
    ? null
    : `the schema lacks ${pending.join(', ')}; MIGRATIONS is off: "npm run migrate" brings it up to date`;
}

/** @returns null when the database answers in time, otherwise a sentence */
async function probeDatabase(sequelize: Sequelize): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve(`the database has not answered for ${PROBE_TIMEOUT_MS} ms`);
    }, PROBE_TIMEOUT_MS);
  });
  const answer = sequelize.query('SELECT 1').then(
    () => null,
    (error: unknown) => `the database does not answer: ${errorText(error)}`,
  );
  return Promise.race([answer, timeout]).finally(() => {
    clearTimeout(timer);
  });
}

export type { Migration } from './database/migration.ts';
