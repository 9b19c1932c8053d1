import { join } from 'node:path';
import type { Running, Stopped } from '../../start/child.ts';
import { createDatabaseIfMissing } from '../../start/embedded-postgres.ts';
import { freePort } from '../../start/free-port.ts';
import { startNode } from '../../start/node-process.ts';
import { guardChild } from './guard.ts';
import { ownKafka, ownPostgres, type OwnKafka, type OwnPostgres } from './own-cluster.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type ServiceName = 'api' | 'orders' | 'payments';

/** One node of a fleet: a process, and after a restart the next one on the same port. */
export interface FleetNode {
  /** `orders-1`: in the order of their start; the node's own id is what its lease gives it. */
  readonly name: string;
  readonly service: ServiceName;
  readonly port: number;
  readonly logFile: string;
  pid(): number;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<Stopped>;
  kill(): Promise<Stopped>;
  /** Starts it, or again, and waits until it is ready. @param env besides, for this life of it alone */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
}

export interface FleetOptions {
  /** Whether the nodes are started, too; they are unless told otherwise. */
  readonly startNodes?: boolean;
  /** A Kafka as the product's own: for measurements. */
  readonly isForLong?: boolean;
  /** Of every node, besides. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Several nodes of each service as processes, on a PostgreSQL and a Kafka of their own. */
export interface Fleet {
  readonly nodes: readonly FleetNode[];
  readonly postgres: OwnPostgres;
  readonly kafka: OwnKafka;
  readonly gatewayPorts: readonly number[];
  nodesOf(service: ServiceName): FleetNode[];
  stop(): Promise<void>;
}

const PORT_VARIABLE: Record<ServiceName, string> = {
  api: 'API_PORT',
  orders: 'ORDERS_PORT',
  payments: 'PAYMENTS_PORT',
};

/**
 * Starts PostgreSQL, Kafka and the nodes, on free ports.
 *
 * @param counts how many nodes of each service
 */
export async function startFleet(
  counts: Readonly<Partial<Record<ServiceName, number>>>,
  { startNodes = true, isForLong = false, environment = {} }: FleetOptions = {},
): Promise<Fleet> {
  const folder = temporaryFolder();
  const [postgres, kafka] = await Promise.all([ownPostgres(), ownKafka({ isForLong })]);
  const nodes: Node[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
    await Promise.all([postgres.remove(), kafka.remove()]);
    folder.remove();
  };
  const env = { ...environmentOf(postgres, kafka), ...environment };
  try {
    for (const name of ['orders', 'payments']) await createDatabaseIfMissing(postgres.urlOf(name));
    for (const service of ['orders', 'payments', 'api'] as const) {
      for (let count = 1; count <= (counts[service] ?? 0); count++) {
        nodes.push(new Node(service, count, await freePort(), folder.path, env));
      }
    }
    if (startNodes) await startAll(nodes);
    const nodesOf: Fleet['nodesOf'] = (service) => nodes.filter((node) => node.service === service);
    return { nodes, postgres, kafka, gatewayPorts: nodesOf('api').map(({ port }) => port), nodesOf, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for all of them, also when one fails: those that come up late have to be stopped, too. */
async function startAll(nodes: readonly FleetNode[]): Promise<void> {
  const started = await Promise.allSettled(nodes.map((node) => node.start()));
  const failed = started.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason as Error;
}

function environmentOf(postgres: OwnPostgres, kafka: OwnKafka): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_ENV: 'production',
    AUTH: 'off',
    // An audit of its own begins in the middle of what a test or a benchmark looks at.
    AUDIT_INTERVAL_S: '0',
    KAFKA_BROKERS: kafka.brokers,
    ORDERS_DATABASE_URL: postgres.urlOf('orders'),
    PAYMENTS_DATABASE_URL: postgres.urlOf('payments'),
  };
}

class Node implements FleetNode {
  readonly name: string;
  readonly service: ServiceName;
  readonly port: number;
  readonly logFile: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: Running | null = null;

  constructor(service: ServiceName, count: number, port: number, folder: string, env: NodeJS.ProcessEnv) {
    this.name = `${service}-${count}`;
    this.service = service;
    this.port = port;
    this.logFile = join(folder, `${this.name}.log`);
    this.#env = { ...env, [PORT_VARIABLE[service]]: String(port) };
  }

  pid(): number {
    return this.#running().pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.#running().signal(signal);
  }

  async stop(): Promise<Stopped> {
    const ended = (await this.#process?.stop()) ?? { code: null, signal: null, killed: false };
    this.#process = null;
    return ended;
  }

  async kill(): Promise<Stopped> {
    const ended = await this.#running().kill();
    this.#process = null;
    return ended;
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await startNode({
      service: this.service,
      port: this.port,
      env: { ...this.#env, ...env },
      logFile: this.logFile,
      onSpawn: (running) => {
        guardChild(running);
        // Before it is ready: a test may stop it on its way.
        this.#process = running;
      },
    });
  }

  #running(): Running {
    if (this.#process === null) throw new Error(`${this.name} does not run.`);
    return this.#process;
  }
}
