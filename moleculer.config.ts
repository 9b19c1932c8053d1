import { basename } from 'node:path';
import type { BrokerOptions, ServiceBroker } from 'moleculer';
import type { Logger } from 'pino';
import { leaseNodeSlot, type NodeSlot } from './cluster/node-slot.ts';
import { keepOwnId } from './cluster/own-id.ts';
import { loadConfig, type Config } from './config/config.ts';
import { unknownVariables } from './config/unknown-variables.ts';
import { obeyCrashPointFile } from './crash-points/crash-point.ts';
import { deadlineMiddleware } from './kafka/deadline.ts';
import { openWaitingRoom, type WaitingRoom } from './http/waiting-room.ts';
import { forgetGoneNodes } from './kafka/gone-nodes.ts';
import { KafkaTransporter } from './kafka/kafka.transporter.ts';
import { refuseWhileAway } from './kafka/refuse-while-away.ts';
import { BrokerLogger } from './logs/broker-logger.ts';
import { openLog, STDERR, STDOUT } from './logs/open-log.ts';
import { requestContextMiddleware } from './logs/request-context.ts';
import { prepareRepl, customCommands } from './repl/commands.ts';
import { callMetricsMiddleware } from './metrics/call-metrics.ts';
import { callSpansMiddleware } from './tracing/call-spans.ts';
import { openTracing } from './tracing/open-tracing.ts';

/** Others notice after three heartbeats that a node is gone: well before a call to it has timed out. */
const HEARTBEAT_INTERVAL_S = 2;
const HEARTBEAT_TIMEOUT_S = 6;
/** Calls that are running at stop get this long; supervisors kill after 10 s by default. */
const SHUTDOWN_TIMEOUT_MS = 8000;
/** Services come up together; a second of waiting for the others' list would be most of the start. */
const SERVICE_CHANGED_DEBOUNCE_MS = 50;
const DEPENDENCY_INTERVAL_MS = 100;
/** A chunk of a stream becomes a JSON array of its bytes, up to four characters each: it has to fit a batch. */
const MAX_CHUNK_BYTES = 128 * 1024;

/**
 * The options of a broker, for nodes and tests alike.
 *
 * @param config the node's configuration
 * @param nodeID unique among the nodes of the namespace that run at the same time; part of topics' names
 * @param log what its lines go to
 */
export function brokerOptions(config: Config, nodeID: string, log: Logger = openLog(config)): BrokerOptions {
  const transporter = new KafkaTransporter(config.kafka, config.batching);
  const { logLevel } = config;
  return {
    namespace: config.namespace,
    nodeID,
    logger: new BrokerLogger(log, logLevel),
    logLevel,
    transporter,
    serializer: 'JSON',
    requestTimeout: config.requestTimeoutMs,
    heartbeatInterval: HEARTBEAT_INTERVAL_S,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_S,
    dependencyInterval: DEPENDENCY_INTERVAL_MS,
    tracking: { enabled: true, shutdownTimeout: SHUTDOWN_TIMEOUT_MS },
    // Moleculer's types do not know the debounce time.
    transit: {
      serviceChangedDebounceTime: SERVICE_CHANGED_DEBOUNCE_MS,
      maxChunkSize: MAX_CHUNK_BYTES,
    } as NonNullable<BrokerOptions['transit']>,
    registry: {
      strategy: 'RoundRobin',
      preferLocal: true,
      // Who is gone is found by `forgetGoneNodes`, sooner.
      discoverer: { type: 'Local', options: { disableHeartbeatChecks: true } },
    },
    // A call that is repeated by itself may run twice; a breaker would refuse calls that would succeed.
    retryPolicy: { enabled: false },
    circuitBreaker: { enabled: false },
    bulkhead: { enabled: false },
    contextParamsCloning: false,
    disableBalancer: false,
    internalServices: true,
    metrics: false,
    tracing: false,
    middlewares: [
      refuseWhileAway(transporter),
      deadlineMiddleware,
      requestContextMiddleware,
      // Around the three before it.
      callSpansMiddleware,
      callMetricsMiddleware,
      forgetGoneNodes(HEARTBEAT_TIMEOUT_S),
    ],
  };
}

/** What moleculer-runner is when it asks for the configuration. */
interface Runner {
  readonly flags: { readonly repl?: boolean } | null;
  readonly servicePaths: readonly string[] | null;
}

/**
 * `services/orders.service.ts` makes an orders node, whatever else lives in it; no service at all, with `--repl`, a REPL.
 */
function serviceName(runner: Runner): string {
  const names = (runner.servicePaths ?? []).map((path) => basename(path).replace(/\.service\.[cm]?[jt]s$/, ''));
  return names[0] ?? 'repl';
}

/** Where the slots of a service's nodes are leased: in its own database, where it has one. */
function slotDatabaseUrl(config: Config, service: string): string {
  if (service === 'orders') return config.orders.directUrl;
  if (service === 'payments') return config.payments.directUrl;
  return config.slotDatabaseUrl;
}

/** At the port of the service's door, until that opens. A port that is not free is the door's to complain of. */
async function waitingRoomOf({ http }: Config, service: string): Promise<WaitingRoom | null> {
  const port = { api: http.apiPort, orders: http.ordersPort, payments: http.paymentsPort }[service];
  if (port === undefined || port === 0) return null;
  return openWaitingRoom({ host: http.host, port }).catch(() => null);
}

/** @returns null when the configuration names the node's slot: nobody leases it then */
async function takeSlot(config: Config, service: string, log: Logger): Promise<NodeSlot | null> {
  if (config.nodeSlot !== null) return null;
  const room = await waitingRoomOf(config, service);
  const waitFor = (reason: string): void => {
    if (room === null) return;
    room.waitsFor = { part: 'node slot', detail: `waits for PostgreSQL, which leases the slots of nodes${reason}` };
  };
  waitFor('');
  return leaseNodeSlot({
    service,
    namespace: config.namespace,
    databaseUrl: slotDatabaseUrl(config, service),
    logger: log,
    onWaiting: (reason) => {
      waitFor(`: ${reason}`);
    },
    onTaken: (message) => {
      log.error(message);
      // At once: whatever it still sent would bear the other node's name. Its supervisor starts it again.
      process.exit(1);
    },
  });
}

/** The configuration for `moleculer-runner --config moleculer.config.ts services/<name>.service.ts`. */
export default async function nodeOptions(this: Runner): Promise<BrokerOptions> {
  const config = loadConfig(process.env);
  if (config.crashPointFile !== null) obeyCrashPointFile(config.crashPointFile);
  const service = serviceName(this);
  // A REPL's standard output is its answers.
  const log = openLog(config, service === 'repl' ? STDERR : STDOUT);
  // The broker's loggers do not exist before its node id does.
  const ownLog = log.child({ service });
  const slot = await takeSlot(config, service, ownLog);
  const nodeID = slot?.nodeId ?? `${service}-${config.nodeSlot ?? 0}`;
  const options = brokerOptions(config, nodeID, log);
  const tracing = await openTracing(config.tracing, { service, nodeID, namespace: config.namespace }, ownLog);
  return {
    ...options,
    middlewares: [...(options.middlewares ?? []), ...(slot === null ? [] : [keepOwnId(slot)])],
    replOptions: { customCommands: customCommands() },
    created: (broker: ServiceBroker) => {
      for (const warning of unknownVariables(process.env)) broker.logger.warn(warning);
      prepareRepl(broker);
    },
    stopped: async (_broker: ServiceBroker) => {
      await tracing.close();
      await slot?.release();
    },
  };
}
