import { join } from 'node:path';
import { createDatabaseIfMissing } from '../../start/embedded-postgres.ts';
import { freePort } from '../../start/free-port.ts';
import { startNode, type RunningNode } from '../../start/node-process.ts';
import { guardChild } from './guard.ts';
import { ownKafka, ownPostgres } from './own-cluster.ts';
import { temporaryFolder } from './temporary-folder.ts';

const NODES = ['orders', 'payments', 'api'] as const;
type NodeName = (typeof NODES)[number];

/** The whole system, its nodes as processes, with nothing in it yet. */
export interface System {
  readonly nodes: Readonly<Record<NodeName, RunningNode>>;
  readonly brokers: string;
  /** A database of its PostgreSQL, as the superuser. */
  readonly urlOf: (database: string) => string;
  /** Sends a request to the gateway. */
  call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL, Kafka and the three nodes on free ports.
 *
 * @param environment of the nodes, besides
 */
export async function startSystem(environment: Readonly<Record<string, string>> = {}): Promise<System> {
  const folder = temporaryFolder();
  const toStop: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of toStop.reverse()) await each();
    folder.remove();
  };
  try {
    const postgres = await ownPostgres();
    toStop.push(() => postgres.remove());
    const kafka = await ownKafka();
    toStop.push(() => kafka.remove());
    for (const name of ['orders', 'payments']) await createDatabaseIfMissing(postgres.urlOf(name));
    const ports = { api: await freePort(), orders: await freePort(), payments: await freePort() };
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      AUTH: 'off',
      KAFKA_BROKERS: kafka.brokers,
      ORDERS_DATABASE_URL: postgres.urlOf('orders'),
      PAYMENTS_DATABASE_URL: postgres.urlOf('payments'),
      API_PORT: String(ports.api),
      ORDERS_PORT: String(ports.orders),
      PAYMENTS_PORT: String(ports.payments),
      ...environment,
    };
    const nodes: Partial<Record<NodeName, RunningNode>> = {};
    for (const service of NODES) {
      const logFile = join(folder.path, `${service}.log`);
      const node = await startNode({ service, port: ports[service], env, logFile, onSpawn: guardChild });
      nodes[service] = node;
      toStop.push(async () => {
        await node.stop();
      });
    }
    return {
      nodes: nodes as System['nodes'],
      brokers: kafka.brokers,
      urlOf: postgres.urlOf,
      call: callerOf(ports.api),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function callerOf(port: number): System['call'] {
  return async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
}
