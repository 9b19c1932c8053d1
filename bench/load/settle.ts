import type { System } from '../../test/support/own-system.ts';
import type { Figures } from '../harness/benchmark.ts';
import type { Spread } from '../harness/spread.ts';
import { microsecondsOfEach, partTimes, type PartTimes } from './part-times.ts';
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
  readonly processorMicroseconds: PartTimes;
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
  const before = partTimes(system);
  const loads = await Promise.all(gatewayPorts.map((port) => startLoad({ ...shop, port, durationMs, pace })));
  const created = loads.flatMap((load) => load.created);
  const settled = await untilFinal(system, created);
  if (settled.notFinal > 0) throw new Error(`${settled.notFinal} orders are not final.`);
  const elapsedMs = Math.max(...loads.map((load) => load.elapsedMs)) + settled.elapsedMs;
  return {
    perSecond: created.length / (elapsedMs / 1000),
    created,
    latencyMs: loads[0]?.latencyMs['201'],
    processorMicroseconds: microsecondsOfEach(system, before, created.length),
  };
}
