import { ServiceBroker, type BrokerOptions } from 'moleculer';
import { loadConfig } from '../../config/config.ts';
import { brokerOptions } from '../../moleculer.config.ts';

/** One of the two that are measured beside each other. */
export type Variant = 'ours' | 'stock';

/** How long a call waits: longer than the 30 s for which the stock transporter may fall silent. */
const CALL_TIMEOUT_MS = 60_000;
/** As ours. */
const HEARTBEAT_INTERVAL_S = 3;

/**
 * A broker with one transporter or the other, alike in everything else.
 *
 * @param kafka `host:port`
 */
export function benchBroker(variant: Variant, role: 'caller' | 'callee', kafka: string): ServiceBroker {
  const config = {
    ...loadConfig({ KAFKA_BROKERS: kafka, NAMESPACE: `bench-${variant}`, LOG_LEVEL: 'fatal' }),
    requestTimeoutMs: CALL_TIMEOUT_MS,
  };
  const ours = brokerOptions(config, role);
  const stock: BrokerOptions = {
    namespace: config.namespace,
    nodeID: role,
    logLevel: 'fatal',
    transporter: { type: 'Kafka', options: { bootstrapBrokers: [kafka] } },
    requestTimeout: CALL_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_S,
    tracking: { enabled: true },
  };
  return new ServiceBroker(variant === 'ours' ? ours : stock);
}
