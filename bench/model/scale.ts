/** What an order takes of each resource when steps are shared by many. */
export interface Demand {
  /** Seconds of a core, by part. */
  readonly perOrderS: Readonly<Record<string, number>>;
  readonly walBytes: number;
}

/** What is taken for granted of machines that were not measured; docs/scaling.md says why. */
export const ASSUMED = {
  /** Above it waiting times grow faster than the load. */
  utilisation: 0.6,
  /** Of one PostgreSQL primary: what it writes to its log and its replica in a second, and the cores that it can use. */
  walBytesPerS: 300e6,
  primaryCores: 32,
  /** Produced, fetched by its consumers and copied to two followers. */
  brokerCores: 16,
  /** Of the cloud's machines, for a core and an hour, in dollars. */
  dollarsPerCoreHour: 0.05,
} as const;

/** As the product ships. */
export const SHIPPED = { partitions: 12, lanes: 16 } as const;

export interface Size {
  readonly perSecond: number;
  readonly gateways: number;
  readonly orders: number;
  readonly payments: number;
  /** Pairs of databases, each with its share of the users. */
  readonly shards: number;
  readonly brokers: number;
  /** Of each topic of events, over all shards: a node settles what its partitions bring. */
  readonly partitions: number;
  readonly cores: number;
  readonly dollarsPerMonth: number;
  /** What does not go on as it ships, the first one first. */
  readonly breaks: readonly string[];
}

const HOURS_PER_MONTH = 730;
/** Of Kafka's topics of calls and Moleculer's heartbeats: each node hears of each other one every five seconds. */
const NODES_OF_A_CLUSTER = 200;

/**
 * @param demand of an order
 * @param perSecond orders that are to be carried
 * @returns what carries them, and what has to be changed for it
 */
export function sizeFor({ perOrderS, walBytes }: Demand, perSecond: number): Size {
  const coresOf = (part: string): number => (perSecond * (perOrderS[part] ?? 0)) / ASSUMED.utilisation;
  // A node is one thread.
  const nodesOf = (part: string): number => Math.max(1, Math.ceil(coresOf(part)));
  const [gateways, orders, payments] = [nodesOf('gateway'), nodesOf('orders'), nodesOf('payments')];
  const databaseCores = coresOf('postgres');
  // A shard is two primaries, of orders and of payments: each has about half of the work and of the log.
  const shards = Math.max(
    1,
    Math.ceil(databaseCores / 2 / ASSUMED.primaryCores),
    Math.ceil((perSecond * walBytes) / 2 / ASSUMED.walBytesPerS),
  );
  const brokers = Math.max(3, Math.ceil(coresOf('kafka') / ASSUMED.brokerCores));
  const partitions = Math.max(SHIPPED.partitions, 2 * Math.max(orders, payments));
  const cores = gateways + orders + payments + Math.max(4, databaseCores) + Math.max(6, coresOf('kafka'));
  const limits: [rate: number, what: string][] = [
    [ASSUMED.utilisation / largest(perOrderS), 'one node of each service: its thread is full'],
    [
      (SHIPPED.partitions * ASSUMED.utilisation) / (perOrderS['payments'] ?? 0),
      `${SHIPPED.partitions} partitions: no more than so many nodes settle`,
    ],
    [
      (SHIPPED.lanes * ASSUMED.utilisation) / (perOrderS['orders'] ?? 0),
      `${SHIPPED.lanes} lanes: no more than so many nodes publish`,
    ],
    [(2 * ASSUMED.walBytesPerS) / walBytes, 'one primary of each database: its log'],
    [
      (2 * ASSUMED.primaryCores * ASSUMED.utilisation) / (perOrderS['postgres'] ?? 0),
      'one primary of each database: its cores',
    ],
    [
      perSecond * (NODES_OF_A_CLUSTER / (gateways + orders + payments)),
      `${NODES_OF_A_CLUSTER} nodes of one cluster, each of which hears of each other one`,
    ],
  ];
  return {
    perSecond,
    gateways,
    orders,
    payments,
    shards,
    brokers,
    partitions,
    cores,
    dollarsPerMonth: cores * ASSUMED.dollarsPerCoreHour * HOURS_PER_MONTH,
    breaks: limits
      .filter(([rate]) => rate < perSecond)
      .sort(([one], [other]) => one - other)
      .map(([rate, what]) => `${what} (${Math.round(rate)}/s)`),
  };
}

function largest({ gateway = 0, orders = 0, payments = 0 }: Readonly<Record<string, number>>): number {
  return Math.max(gateway, orders, payments);
}
