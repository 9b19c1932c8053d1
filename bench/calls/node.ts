import { ServiceBroker, type BrokerOptions } from 'moleculer';
import { loadConfig } from '../../config/config.ts';
import { brokerOptions } from '../../moleculer.config.ts';

/** What carries the calls: our transporter, Moleculer's stock one for Kafka, or Moleculer's own TCP without a broker. */
export type Transport = 'ours' | 'stock' | 'tcp';

type Transporter = NonNullable<BrokerOptions['transporter']>;

export type Role = 'caller' | 'callee';

/** How long a call waits: longer than the 30 s for which the stock transporter may fall silent. */
const CALL_TIMEOUT_MS = 60_000;
/** As ours. */
const HEARTBEAT_INTERVAL_S = 2;

/**
 * A broker with one transporter or another, alike in everything else.
 *
 * @param address of Kafka, `host:port`; with TCP of both nodes, `host:port/caller,host:port/callee`
 */
export function benchBroker(transport: Transport, role: Role, address: string): ServiceBroker {
  const namespace = `bench-${transport}`;
  if (transport === 'ours') {
    const config = loadConfig({ KAFKA_BROKERS: address, NAMESPACE: namespace, LOG_LEVEL: 'fatal' });
    return new ServiceBroker(brokerOptions({ ...config, requestTimeoutMs: CALL_TIMEOUT_MS }, role));
  }
  return new ServiceBroker({
    namespace,
    nodeID: role,
    logLevel: 'fatal',
    transporter: transport === 'stock' ? stockKafka(address) : stockTcp(address),
    requestTimeout: CALL_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_S,
    tracking: { enabled: true },
  });
}

function stockKafka(broker: string): Transporter {
  return { type: 'Kafka', options: { bootstrapBrokers: [broker] } };
}

/** Told where the other is: a machine may have no multicast, or a name that it cannot resolve. */
function stockTcp(urls: string): Transporter {
  return { type: 'TCP', options: { urls, udpDiscovery: false, useHostname: false } };
}
