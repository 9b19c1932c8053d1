import type { Logger } from '../../kafka/client.ts';

/** The consumer group of each service, by the namespace; as the consumer mixin names them. */
export const GROUP_OF = {
  orders: (namespace: string): string => `${namespace}.orders.settle`,
  payments: (namespace: string): string => `${namespace}.payments.pay`,
} as const;

const nothing = (): void => undefined;

/** The faults' own Kafka clients meet brokers that are away, and say nothing about it. */
export const silent: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
