import type { System } from '../../test/support/own-system.ts';
import { processorSeconds } from '../harness/processor-time.ts';
import type { Figures } from '../harness/benchmark.ts';
import type { Spread } from '../harness/spread.ts';
import { untilFinal, type Shop } from './shop.ts';
import { startLoad } from './start-load.ts';

/** A closed loop: each client has one request under way. */
export interface ClosedLoop {
  /** Shared out among the gateways. */
  readonly clients: number;
  readonly durationMs: number;
}

/** Orders that were created and settled. */
export interface SettledLoad {
  /** Settled a second; what is not final when the load ends counts with its time. */
  readonly perSecond: number;
  readonly created: readonly string[];
  /** Until 201, through the first gateway. */
  readonly latencyMs: Spread | undefined;
  /** Of each part, for an order. */
  readonly processorMicroseconds: Readonly<Record<Part, number>>;
}

export const PER_SECOND = 'settled orders/s';
/** After the name of a part. */
export const PART = ' µs/order';

/** @returns what benchmarks of such loads show */
export function figuresOf({ perSecond, latencyMs, processorMicroseconds }: SettledLoad): Figures {
  const perPart = Object.entries(processorMicroseconds).map(([part, each]): [string, number] => [part + PART, each]);
  return {
    [PER_SECOND]: perSecond,
    'median ms to 201': latencyMs?.median ?? Number.NaN,
    'p99 ms to 201': latencyMs?.p99 ?? Number.NaN,
    ...Object.fromEntries(perPart),
  };
}

/** The nodes of a service, or a server. */
export type Part = 'gateway' | 'orders' | 'payments' | 'kafka' | 'postgres';

/**
 * Sends orders for a while and waits until they are final.
 *
 * @throws Error when one of them does not get there
 */
export async function settleLoad(
  system: System,
  shop: Shop,
  { clients, durationMs }: ClosedLoop,
): Promise<SettledLoad> {
  const { gatewayPorts } = system;
  const pace = { inFlight: Math.ceil(clients / gatewayPorts.length) };
  const before = processorTimes(system);
  const loads = await Promise.all(gatewayPorts.map((port) => startLoad({ ...shop, port, durationMs, pace })));
  const created = loads.flatMap((load) => load.created);
  const settled = await untilFinal(system, created);
  if (settled.notFinal > 0) throw new Error(`${settled.notFinal} orders are not final.`);
  const after = processorTimes(system);
  const parts = (Object.keys(after) as Part[]).map((part): [Part, number] => [
    part,
    ((after[part] - before[part]) * 1e6) / created.length,
  ]);
  const elapsedMs = Math.max(...loads.map((load) => load.elapsedMs)) + settled.elapsedMs;
  return {
    perSecond: created.length / (elapsedMs / 1000),
    created,
    latencyMs: loads[0]?.latencyMs['201'],
    processorMicroseconds: Object.fromEntries(parts) as Record<Part, number>,
  };
}

/** Processor time of each part since the system was started, in seconds. */
function processorTimes({ nodesOf, servers }: System): Record<Part, number> {
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
