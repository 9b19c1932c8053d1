import { randomBytes } from 'node:crypto';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import { loadConfig, type Config } from '../../config/config.ts';
import { brokerOptions } from '../../moleculer.config.ts';
import { apiService } from '../../services/api.service.ts';
import { ordersService } from '../../services/orders.service.ts';
import { paymentsService } from '../../services/payments.service.ts';
import { freshDatabase, testKafkaBrokers } from './database.ts';

export type NodeName = 'api' | 'orders' | 'payments';

const serviceOf: Record<NodeName, (config: Config) => ServiceSchema> = {
  api: apiService as (config: Config) => ServiceSchema,
  orders: ordersService as unknown as (config: Config) => ServiceSchema,
  payments: paymentsService as unknown as (config: Config) => ServiceSchema,
};

/** The product's nodes as brokers in this process, on databases and topics of their own. */
export interface ShopCluster {
  readonly config: Config;
  /** Starts a node; its slot tells it from others of the same service. */
  start(name: NodeName, slot?: number): Promise<ServiceBroker>;
  stop(broker: ServiceBroker): Promise<void>;
  /** Stops every node that still runs, and drops the databases. */
  end(): Promise<void>;
}

export async function shopCluster(environment: Record<string, string> = {}): Promise<ShopCluster> {
  const [orders, payments] = await Promise.all([freshDatabase(), freshDatabase()]);
  const config = loadConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'fatal',
    NAMESPACE: `t${randomBytes(4).toString('hex')}`,
    KAFKA_BROKERS: testKafkaBrokers(),
    ORDERS_DATABASE_URL: orders.url,
    PAYMENTS_DATABASE_URL: payments.url,
    HTTP_HOST: '127.0.0.1',
    API_PORT: '0',
    ORDERS_PORT: '0',
    PAYMENTS_PORT: '0',
    ...environment,
  });
  const running = new Set<ServiceBroker>();
  const stop = async (broker: ServiceBroker): Promise<void> => {
    running.delete(broker);
    await broker.stop();
  };
  return {
    config,
    stop,
    start: async (name, slot = 0) => {
      const broker = new ServiceBroker(brokerOptions(config, `${name}-${slot}`));
      broker.createService(serviceOf[name](config));
      running.add(broker);
      await broker.start();
      return broker;
    },
    end: async () => {
      await Promise.all([...running].map(stop));
      await Promise.all([orders.drop(), payments.drop()]);
    },
  };
}
