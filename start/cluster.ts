import type { ClusterAddresses, ClusterRecord } from './cluster-state.ts';
import type { DataFolder } from './data-folder.ts';
import { startKafka } from './embedded-kafka.ts';
import type { RunningKafka } from './embedded-kafka.ts';
import { createDatabaseIfMissing, startPostgres } from './embedded-postgres.ts';
import type { RunningPostgres } from './embedded-postgres.ts';
import type { Running } from './child.ts';
import { keepLogsSmall } from './log-rotation.ts';
import { haveKafkaJars } from './kafka-jars.ts';
import { freePort } from './free-port.ts';
import { startNode } from './node-process.ts';
import type { RunningNode } from './node-process.ts';
import type { StartOptions } from './options.ts';
import { portOwner } from './port-owner.js';
import type { Progress } from './progress.ts';
import { SupervisedPart } from './supervised-part.ts';
import type { Part, PartListener } from './supervised-part.ts';

/** Who writes a log file. */
export const LOG_NAMES = ['postgres', 'kafka', 'api', 'orders', 'payments'] as const;

const NODE_ATTEMPTS = 3;

/** PostgreSQL, Kafka and the three nodes: started in order, kept running, stopped in the opposite order. */
export class Cluster {
  private readonly options: StartOptions;
  private readonly folder: DataFolder;
  private readonly record: ClusterRecord;
  private readonly progress: Progress;
  private readonly env: NodeJS.ProcessEnv;
  private readonly servers: SupervisedPart<Running>[] = [];
  private readonly nodes: SupervisedPart<Running>[] = [];
  private readonly listener: PartListener;
  private readonly endRotation: () => void;
  private stopping = false;

  constructor(
    options: StartOptions,
    folder: DataFolder,
    record: ClusterRecord,
    progress: Progress,
    env: NodeJS.ProcessEnv,
  ) {
    this.options = options;
    this.folder = folder;
    this.record = record;
    this.progress = progress;
    this.env = env;
    this.endRotation = keepLogsSmall(LOG_NAMES.map((name) => folder.logFileOf(name)));
    this.listener = {
      spawned: (name, pid) => {
        record.addChild(name, pid);
      },
      say: (sentence) => {
        progress.warn(`${new Date().toISOString().slice(11, 19)} ${sentence}`);
      },
    };
  }

  /**
   * Starts everything that is not given: PostgreSQL and Kafka side by side, then the nodes side by side.
   *
   * @throws StartError of the first part that does not come up.
   */
  async start(): Promise<ClusterAddresses> {
    const [databases, brokers] = await Promise.all([this.startPostgres(), this.startKafka()]);
    const { apiPort, ordersPort, paymentsPort } = this.options.config.http;
    const addresses = { ...databases, brokers, apiPort, ordersPort, paymentsPort };
    this.record.setAddresses(addresses);
    await Promise.all([
      this.startNode('api', apiPort, addresses),
      this.startNode('orders', ordersPort, addresses),
      this.startNode('payments', paymentsPort, addresses),
    ]);
    return addresses;
  }

  /** Stops the nodes, which finish what is in flight, then Kafka and PostgreSQL. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.stopAll('Nodes', 'finishing what is in flight', this.nodes);
    await this.stopAll('Servers', 'writing what the next start needs', this.servers);
    this.endRotation();
  }

  /** Ends everything at once, as a power cut would. What is in flight is lost to its callers; nothing that was answered is. */
  async kill(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.nodes, ...this.servers].map((part) => part.stop('kill')));
  }

  private async startPostgres(): Promise<{ ordersUrl: string; paymentsUrl: string }> {
    const { config, external, embeddedPorts } = this.options;
    if (external.orders && external.payments) {
      return { ordersUrl: config.orders.url, paymentsUrl: config.payments.url };
    }
    const port = await this.portFor('PostgreSQL', embeddedPorts.postgres);
    const part = this.supervise<RunningPostgres>(this.servers, {
      name: 'PostgreSQL',
      firstStartAttempts: 1,
      start: (hooks) =>
        startPostgres({
          dataDir: this.folder.postgres,
          port,
          logFile: this.folder.logFileOf('postgres'),
          ...hooks,
        }),
    });
    return await this.progress.step(
      'PostgreSQL',
      'waiting for its first answer',
      async () => {
        const postgres = await part.start();
        if (postgres.movedBecause !== undefined) this.progress.warn(postgres.movedBecause);
        const urls = {
          ordersUrl: external.orders ? config.orders.url : postgres.urlOf('orders'),
          paymentsUrl: external.payments ? config.payments.url : postgres.urlOf('payments'),
        };
        if (!external.orders) await createDatabaseIfMissing(urls.ordersUrl);
        if (!external.payments) await createDatabaseIfMissing(urls.paymentsUrl);
        return urls;
      },
      `127.0.0.1:${port}`,
    );
  }

  private async startKafka(): Promise<string> {
    const { config, external, embeddedPorts } = this.options;
    if (external.kafka) return config.kafka.brokers.join(',');
    const port = await this.portFor('Kafka', embeddedPorts.kafka);
    const controllerPort = await freePort();
    const waitsFor = haveKafkaJars() ? 'waiting for its first answer' : 'Maven brings its jars, the first time only';
    const part = this.supervise<RunningKafka>(this.servers, {
      name: 'Kafka',
      firstStartAttempts: 1,
      start: (hooks) =>
        startKafka({
          dataDir: this.folder.kafka,
          port,
          controllerPort,
          logFile: this.folder.logFileOf('kafka'),
          ...hooks,
        }),
    });
    const kafka = await this.progress.step('Kafka', waitsFor, () => part.start(), `127.0.0.1:${port}`);
    return kafka.brokers;
  }

  private async startNode(service: string, port: number, addresses: ClusterAddresses): Promise<void> {
    const env = {
      ...this.env,
      KAFKA_BROKERS: addresses.brokers,
      ORDERS_DATABASE_URL: addresses.ordersUrl,
      PAYMENTS_DATABASE_URL: addresses.paymentsUrl,
    };
    const part = this.supervise<RunningNode>(this.nodes, {
      name: service,
      firstStartAttempts: NODE_ATTEMPTS,
      start: (hooks) => startNode({ service, port, env, logFile: this.folder.logFileOf(service), ...hooks }),
    });
    await this.progress.step(service, 'waiting for /health/ready', () => part.start(), `http://localhost:${port}`);
  }

  /** Registered before it is started, so that a stop at any moment finds it. */
  private supervise<Result extends Running>(
    parts: SupervisedPart<Running>[],
    part: Part<Result>,
  ): SupervisedPart<Result> {
    if (this.stopping) throw new Error('Nothing is started while the system stops.');
    const supervised = new SupervisedPart(part, this.listener);
    parts.push(supervised);
    return supervised;
  }

  private async portFor(name: string, preferred: number): Promise<number> {
    const port = await freePort(preferred);
    if (port !== preferred) {
      this.progress.warn(`Port ${preferred} is used by ${portOwner(preferred)}: ${name} uses ${port}.`);
    }
    return port;
  }

  private async stopAll(name: string, waitsFor: string, parts: readonly SupervisedPart<Running>[]): Promise<void> {
    if (parts.length === 0) return;
    const stopOne = async (part: SupervisedPart<Running>): Promise<void> => {
      const ended = await part.stop('stop');
      if (ended?.killed === true) {
        this.progress.warn(`${part.name} did not end in time and was killed.`);
      }
    };
    await this.progress.step(name, waitsFor, () => Promise.all(parts.map(stopOne)), 'stopped');
  }
}
