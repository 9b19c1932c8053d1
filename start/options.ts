import { resolve } from 'node:path';
import { ConfigError, doorAccess, loadConfig } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { startSettings } from '../config/settings.ts';
import { defineCommand, readArguments } from '../terminal/command.js';
import { projectRoot } from './project-root.ts';
import { StartError } from './start-error.ts';

/** What `npm start` was asked to do. */
export interface StartOptions {
  /** Empty the data folder first. */
  readonly fresh: boolean;
  readonly dataDir: string;
  readonly config: Config;
  /** Which parts are given and which are ours to start. */
  readonly external: {
    readonly kafka: boolean;
    readonly orders: boolean;
    readonly payments: boolean;
  };
  /** Tried first; a taken one is replaced by a free one. */
  readonly embeddedPorts: { readonly kafka: number; readonly postgres: number };
}

type Environment = Readonly<Record<string, string | undefined>>;

export const COMMAND = defineCommand({
  name: 'npm start',
  about: `Starts PostgreSQL, Apache Kafka and the three nodes, and keeps them running; Ctrl-C stops them all. Data and logs stay
in the data folder (docs/start.md).`,
  options: { fresh: { type: 'flag', about: 'empties the data folder first' } },
  notes: `Variables
  API_PORT, ORDERS_PORT, PAYMENTS_PORT         other ports than 8080, 8081, 8082
  KAFKA_BROKERS                                a Kafka of yours instead of the embedded one
  ORDERS_DATABASE_URL, PAYMENTS_DATABASE_URL   databases of yours instead of the embedded PostgreSQL's
                                               (and …_DIRECT_URL where a pooler stands between)
  AUTH, AUTH_SECRET, …                         who may call (docs/authorization.md); without them, everybody
  DATA_DIR                                     another data folder than .data
  KAFKA_PORT, POSTGRES_PORT                    the embedded parts' ports (29092, 5432), taken when they are free
  NO_COLOR, FORCE_COLOR                        colours never, or also where no terminal is

  All settings: docs/configuration.md. They are read from a file .env, too: "cp .env.example .env".`,
  examples: ['npm start', 'npm start -- --fresh', 'API_PORT=9080 npm start'],
  exitCodes: { 0: 'stopped by Ctrl-C or SIGTERM', 1: 'it could not start; one sentence says why' },
});

/**
 * Reads the command line and the environment of `npm start`.
 *
 * @throws UsageError or StartError with one sentence on what cannot be used.
 */
export function readStartOptions(args: readonly string[], env: Environment): StartOptions {
  const { fresh } = readArguments(COMMAND, args);
  const external = {
    kafka: isSet(env, 'KAFKA_BROKERS'),
    orders: isSet(env, 'ORDERS_DATABASE_URL'),
    payments: isSet(env, 'PAYMENTS_DATABASE_URL'),
  };
  for (const [service, given] of [['ORDERS', external.orders] as const, ['PAYMENTS', external.payments] as const]) {
    if (!given && isSet(env, `${service}_DATABASE_DIRECT_URL`)) {
      throw new StartError(
        `${service}_DATABASE_DIRECT_URL is set without ${service}_DATABASE_URL: set both, or neither for the embedded PostgreSQL.`,
        'setting',
      );
    }
  }
  return {
    fresh,
    dataDir: dataDirOf(env),
    ...readConfig(env),
    external,
  };
}

/** The data folder of the cluster that this environment means. */
export function dataDirOf(env: Environment): string {
  return resolve(projectRoot(), startSettings.dataDir.read(env));
}

function readConfig(env: Environment): Pick<StartOptions, 'config' | 'embeddedPorts'> {
  try {
    const config = loadConfig(env);
    doorAccess(config.access);
    const { apiPort, ordersPort, paymentsPort } = config.http;
    if (new Set([apiPort, ordersPort, paymentsPort]).size < 3 || apiPort * ordersPort * paymentsPort === 0) {
      throw new StartError(
        `API_PORT, ORDERS_PORT and PAYMENTS_PORT are ${apiPort}, ${ordersPort} and ${paymentsPort}: they have to be three different ports above 0.`,
        'setting',
      );
    }
    const embeddedPorts = { kafka: startSettings.kafkaPort.read(env), postgres: startSettings.postgresPort.read(env) };
    return { config, embeddedPorts };
  } catch (error) {
    throw error instanceof ConfigError ? new StartError(error.message, 'setting') : error;
  }
}

function isSet(env: Environment, name: string): boolean {
  return (env[name]?.trim() ?? '') !== '';
}
