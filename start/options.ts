import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, doorAccess, loadConfig } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { startSettings } from '../config/settings.ts';
import { projectRoot } from './project-root.ts';
import { StartError } from './start-error.ts';

/** What `npm start` was asked to do. */
export interface StartOptions {
  readonly help: boolean;
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

export const HELP = `npm start [-- options]

  Starts PostgreSQL, Apache Kafka and the three nodes; Ctrl-C stops them all.

  --fresh   empty the data folder first
  --help    show this

  API_PORT, ORDERS_PORT, PAYMENTS_PORT        other ports than 8080, 8081, 8082
  KAFKA_BROKERS                               a Kafka of yours instead of the embedded one
  ORDERS_DATABASE_URL, PAYMENTS_DATABASE_URL  databases of yours instead of the embedded PostgreSQL's
                                              (and …_DIRECT_URL where a pooler stands between)
  AUTH, AUTH_SECRET, …                        who may call (docs/authorization.md); without them, everybody
  DATA_DIR                                    another data folder than .data
  KAFKA_PORT, POSTGRES_PORT                   the embedded parts' ports, taken when they are free

  All settings: docs/configuration.md. They are read from a file .env, too: "cp .env.example .env".`;

/**
 * Reads the command line and the environment of `npm start`.
 *
 * @throws StartError with one sentence on what cannot be used.
 */
export function readStartOptions(args: readonly string[], env: Environment): StartOptions {
  const { fresh = false, help = false } = readArguments(args);
  const external = {
    kafka: isSet(env, 'KAFKA_BROKERS'),
    orders: isSet(env, 'ORDERS_DATABASE_URL'),
    payments: isSet(env, 'PAYMENTS_DATABASE_URL'),
  };
  for (const [service, given] of [['ORDERS', external.orders] as const, ['PAYMENTS', external.payments] as const]) {
    if (!given && isSet(env, `${service}_DATABASE_DIRECT_URL`)) {
      throw new StartError(
        `${service}_DATABASE_DIRECT_URL is set without ${service}_DATABASE_URL: set both, or neither for the embedded PostgreSQL.`,
      );
    }
  }
  return {
    help,
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

function readArguments(args: readonly string[]): { fresh?: boolean; help?: boolean } {
  try {
    const options = { fresh: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new StartError(`${(error as Error).message.split('.')[0] ?? ''}: "npm start -- --help" shows what there is.`);
  }
}

function readConfig(env: Environment): Pick<StartOptions, 'config' | 'embeddedPorts'> {
  try {
    const config = loadConfig(env);
    doorAccess(config.access);
    const { apiPort, ordersPort, paymentsPort } = config.http;
    if (new Set([apiPort, ordersPort, paymentsPort]).size < 3 || apiPort * ordersPort * paymentsPort === 0) {
      throw new StartError(
        `API_PORT, ORDERS_PORT and PAYMENTS_PORT are ${apiPort}, ${ordersPort} and ${paymentsPort}: they have to be three different ports above 0.`,
      );
    }
    const embeddedPorts = { kafka: startSettings.kafkaPort.read(env), postgres: startSettings.postgresPort.read(env) };
    return { config, embeddedPorts };
  } catch (error) {
    throw error instanceof ConfigError ? new StartError(error.message) : error;
  }
}

function isSet(env: Environment, name: string): boolean {
  return (env[name]?.trim() ?? '') !== '';
}
