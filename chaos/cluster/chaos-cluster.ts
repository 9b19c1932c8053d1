import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KafkaConfig } from '../../config/config.ts';
import type { Running } from '../../start/child.ts';
import { freePort } from '../../start/free-port.ts';
import { NodeUnderTest, type ChaosNode, type ServiceName, type UnorderedExit } from './chaos-node.ts';
import { startGuard, type Guard } from './guard.ts';
import {
  NODE_ROLE,
  startKafkaUnderTest,
  startPostgresUnderTest,
  type KafkaUnderTest,
  type PostgresUnderTest,
} from './servers.ts';
import { startToxiproxy, type Toxiproxy } from './toxiproxy.ts';

export type { ChaosNode, ServiceName, UnorderedExit } from './chaos-node.ts';

/** The whole system under test: real processes, with a link from each node to each server that can be cut. */
export interface ChaosCluster {
  /** Two of each service. */
  readonly nodes: readonly ChaosNode[];
  readonly gateways: readonly { readonly host: string; readonly port: number }[];
  /** Direct, past the links that are cut: for audits. */
  readonly ordersUrl: string;
  readonly paymentsUrl: string;
  readonly kafka: KafkaConfig;
  readonly namespace: string;
  readonly servers: { readonly postgres: PostgresUnderTest; readonly kafka: KafkaUnderTest };
  /** Nodes that ended though no fault had told them to: each is a violation. */
  readonly unorderedExits: readonly UnorderedExit[];
  /** Ends everything and removes the servers' data; the logs stay in the folder. */
  stop(): Promise<void>;
}

export interface ChaosClusterOptions {
  /** Of this run: logs, data and control files. */
  readonly folder: string;
  readonly onProgress?: (line: string) => void;
}

const SERVICES: readonly ServiceName[] = ['orders', 'payments', 'api'];
const NODES_PER_SERVICE = 2;
const HOST = '127.0.0.1';
const NAMESPACE = 'chaos';

/**
 * Starts PostgreSQL, Kafka, toxiproxy and two nodes of each service, with data and logs in a folder.
 *
 * @throws StartError of the first part that does not come up; what had started is ended then
 */
export async function startChaosCluster(options: ChaosClusterOptions): Promise<ChaosCluster> {
  const folder = resolve(options.folder);
  for (const part of ['', 'logs', 'control']) mkdirSync(join(folder, part), { recursive: true });
  // PostgreSQL's user has to get in when this runs as root.
  chmodSync(folder, 0o755);
  const started = new StartedParts(startGuard());
  try {
    return await startParts(folder, started, options.onProgress ?? (() => undefined));
  } catch (error) {
    await started.stop();
    throw error;
  }
}

/** What has to be ended, the last one first. */
class StartedParts {
  readonly guard: Guard;
  readonly #ends: (() => Promise<void> | void)[] = [];

  constructor(guard: Guard) {
    this.guard = guard;
  }

  add(end: () => Promise<void> | void): void {
    this.#ends.push(end);
  }

  async stop(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end();
    this.guard.dismiss();
  }
}

async function startParts(folder: string, started: StartedParts, say: (line: string) => void): Promise<ChaosCluster> {
  const { guard } = started;
  const onSpawn = (child: Running): void => {
    guard.watch(child.pid);
    void child.exited.then(() => {
      guard.forget(child.pid);
    });
  };
  const names = SERVICES.flatMap((service) =>
    Array.from({ length: NODES_PER_SERVICE }, (_, index) => ({ service, name: `${service}-${index + 1}` })),
  );
  const proxyPorts = new Map<string, number>();
  for (const { name } of names) proxyPorts.set(listenerOf(name), await freePort());

  say('PostgreSQL, Kafka and toxiproxy start');
  const toxiproxy = await startToxiproxy(join(folder, 'logs', 'toxiproxy.log'), onSpawn);
  started.add(() => toxiproxy.stop());
  const postgres = await startPostgresUnderTest(folder, guard);
  started.add(async () => {
    await postgres.stop();
    postgres.remove();
  });
  const kafka = await startKafkaUnderTest(folder, guard, proxyPorts);
  started.add(async () => {
    await kafka.stop();
    rmSync(join(folder, 'kafka'), { recursive: true, force: true });
  });

  const unorderedExits: UnorderedExit[] = [];
  const nodes: NodeUnderTest[] = [];
  for (const { name, service } of names) {
    const port = await freePort();
    const links = await linksOf(name, { toxiproxy, postgres, kafka, kafkaProxyPort: proxyPorts.get(listenerOf(name)) });
    nodes.push(
      new NodeUnderTest({
        name,
        service,
        port,
        links,
        folder,
        env: environment({ service, port, links, postgres }),
        onSpawn,
        onUnorderedExit: (exit) => {
          unorderedExits.push(exit);
        },
      }),
    );
  }
  started.add(async () => {
    await Promise.all(
      nodes.map(async (node) => {
        await node.kill('SIGCONT');
        await node.stopGracefully();
      }),
    );
  });
  say(`${nodes.map(({ name }) => name).join(', ')} start`);
  // The first ones bring schemas and topics; six at once would take the two cores from the servers they wait for.
  for (const service of SERVICES) {
    await Promise.all(nodes.filter((node) => node.service === service).map((node) => node.start()));
  }
  say('everything is ready');
  return {
    nodes,
    gateways: nodes.filter(({ service }) => service === 'api').map(({ port }) => ({ host: HOST, port })),
    ordersUrl: postgres.ordersUrl,
    paymentsUrl: postgres.paymentsUrl,
    kafka: { brokers: [kafka.brokers], tls: null, sasl: null },
    namespace: NAMESPACE,
    servers: { postgres, kafka },
    unorderedExits,
    stop: () => started.stop(),
  };
}

/** A listener's name takes no hyphen. */
function listenerOf(node: string): string {
  return node.replace('-', '').toUpperCase();
}

interface LinkEnds {
  readonly toxiproxy: Toxiproxy;
  readonly postgres: PostgresUnderTest;
  readonly kafka: KafkaUnderTest;
  readonly kafkaProxyPort: number | undefined;
}

async function linksOf(name: string, ends: LinkEnds): Promise<ChaosNode['links']> {
  const { toxiproxy, postgres, kafka, kafkaProxyPort } = ends;
  return {
    postgres: await toxiproxy.link(`${name} to postgres`, postgres.port),
    kafka: await toxiproxy.link(`${name} to kafka`, kafka.portOf(listenerOf(name)), kafkaProxyPort),
  };
}

interface NodeAddresses {
  readonly service: ServiceName;
  readonly port: number;
  readonly links: ChaosNode['links'];
  readonly postgres: PostgresUnderTest;
}

function environment({ service, port, links, postgres }: NodeAddresses): NodeJS.ProcessEnv {
  const through = (url: string): string => {
    const proxied = new URL(url);
    proxied.username = NODE_ROLE;
    proxied.port = String(links.postgres.port);
    return proxied.href;
  };
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TZ: 'UTC',
    NODE_ENV: 'production',
    AUTH: 'off',
    LOG_LEVEL: 'info',
    HTTP_HOST: HOST,
    NAMESPACE,
    KAFKA_BROKERS: `${HOST}:${links.kafka.port}`,
    ORDERS_DATABASE_URL: through(postgres.ordersUrl),
    PAYMENTS_DATABASE_URL: through(postgres.paymentsUrl),
    [`${service.toUpperCase()}_PORT`]: String(port),
  };
}
