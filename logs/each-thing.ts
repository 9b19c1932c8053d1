import type { ServiceBroker } from 'moleculer';

/**
 * Whether this node logs each request and each order, and not only what concerns the node: by `LOG_LEVEL=debug`. To be
 * asked where a line for each of thousands would have to be made, to be thrown away.
 */
export function logsEachThing({ options: { logLevel } }: Pick<ServiceBroker, 'options'>): boolean {
  return logLevel === 'debug' || logLevel === 'trace';
}
