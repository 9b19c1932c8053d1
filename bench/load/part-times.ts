import type { System } from '../../test/support/own-system.ts';
import { processorSeconds } from '../harness/processor-time.ts';

/** The nodes of a service, or a server. */
export type Part = 'gateway' | 'orders' | 'payments' | 'kafka' | 'postgres';

/** Of each part. */
export type PartTimes = Readonly<Record<Part, number>>;

/** @returns seconds of processor time of each part since the system was started */
export function partTimes({ nodesOf, servers }: System): PartTimes {
  const of = (service: 'api' | 'orders' | 'payments'): number =>
    nodesOf(service).reduce((sum, node) => sum + processorSeconds(node.pid()), 0);
  return {
    gateway: of('api'),
    orders: of('orders'),
    payments: of('payments'),
    kafka: processorSeconds(servers.kafka),
    postgres: processorSeconds(servers.postgres),
  };
}

/** @returns microseconds of processor time since `before`, for each of `count` orders or reads */
export function microsecondsOfEach(system: System, before: PartTimes, count: number): PartTimes {
  const after = partTimes(system);
  const parts = (Object.keys(after) as Part[]).map((part): [Part, number] => [
    part,
    ((after[part] - before[part]) * 1e6) / count,
  ]);
  return Object.fromEntries(parts) as Record<Part, number>;
}
