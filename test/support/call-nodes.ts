import { randomUUID } from 'node:crypto';
import { ServiceBroker, type BrokerOptions, type ServiceSchema } from 'moleculer';
import type { DestinationStream } from 'pino';
import { loadConfig, type Config } from '../../config/config.ts';
import { openLog } from '../../logs/open-log.ts';
import { brokerOptions } from '../../moleculer.config.ts';

/** Nodes of one namespace, in this process. */
export interface CallNodes {
  readonly namespace: string;
  readonly config: Config;
  /** Makes a node; it is not started. */
  create(nodeID: string, services: readonly ServiceSchema[], options?: BrokerOptions): ServiceBroker;
  /** Makes and starts one. */
  start(nodeID: string, services: readonly ServiceSchema[], options?: BrokerOptions): Promise<ServiceBroker>;
  /** For `afterAll`. */
  stopAll(): Promise<void>;
}

/**
 * @param brokers of the Kafka, as `KAFKA_BROKERS`
 * @param environment of the nodes, besides
 * @param log what they log goes there
 */
export function callNodes(
  brokers: string,
  environment: Readonly<Record<string, string>> = {},
  log?: DestinationStream,
): CallNodes {
  const namespace = `calls-${randomUUID().slice(0, 8)}`;
  const logLevel = process.env['TEST_LOG_LEVEL'] ?? 'fatal';
  const config = loadConfig({ KAFKA_BROKERS: brokers, NAMESPACE: namespace, LOG_LEVEL: logLevel, ...environment });
  const created: ServiceBroker[] = [];
  const create: CallNodes['create'] = (nodeID, services, options) => {
    const broker = new ServiceBroker({
      ...brokerOptions(config, nodeID, openLog(config, log)),
      skipProcessEventRegistration: true,
      ...options,
    });
    created.push(broker);
    for (const service of services) broker.createService(service);
    return broker;
  };
  return {
    namespace,
    config,
    create,
    start: async (nodeID, services, options) => {
      const broker = create(nodeID, services, options);
      await broker.start();
      return broker;
    },
    stopAll: async () => {
      await Promise.all(created.map((broker) => broker.stop()));
    },
  };
}
