import { apiVersionsOf } from '../start/kafka-answers.ts';

/**
 * Kafka does not tell its version; which requests it takes does, as far as that.
 *
 * @param broker `host:port`
 * @returns `4.1 or newer`; undefined when it does not say
 */
export async function brokerSupports(broker: string): Promise<string | undefined> {
  const colon = broker.lastIndexOf(':');
  const host = broker.slice(0, colon).replace(/^\[|\]$/g, '');
  const apis = await apiVersionsOf(host, Number(broker.slice(colon + 1)));
  return apis === undefined ? undefined : versionBy(apis);
}

/** @param apis lowest version taken, by the number of the request */
export function versionBy(apis: ReadonlyMap<number, number>): string {
  // StreamsGroupHeartbeat came with 4.1; 4.0 dropped the produce requests of before 0.11 (KIP-896); ConsumerGroupHeartbeat
  // came with 3.5.
  if (apis.has(88)) return '4.1 or newer';
  if ((apis.get(0) ?? 0) >= 3) return '4.0';
  return apis.has(68) ? '3.5 to 3.9' : 'older than 3.5';
}
