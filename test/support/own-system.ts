import { startFleet, type Fleet, type FleetNode, type ServiceName } from './fleet.ts';

/** The whole system, with nothing in it yet. */
export interface System extends Pick<Fleet, 'gatewayPorts' | 'nodesOf'> {
  /** The first node of each service. */
  readonly nodes: Readonly<Record<ServiceName, FleetNode>>;
  readonly brokers: string;
  /** Process numbers of the servers. */
  readonly servers: { readonly kafka: number; readonly postgres: number };
  /** A database of its PostgreSQL, as the superuser. */
  readonly urlOf: (database: string) => string;
  /** Sends a request to the first gateway. */
  call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL, Kafka and the nodes on free ports.
 *
 * @param environment of the nodes, besides
 * @param count nodes of each service
 */
export async function startSystem(environment: Readonly<Record<string, string>> = {}, count = 1): Promise<System> {
  return systemOf(await startFleet({ api: count, orders: count, payments: count }, { environment, isForLong: true }));
}

/** @param fleet with a node of each service, started */
export function systemOf(fleet: Fleet): System {
  const byService = Object.fromEntries(fleet.nodes.toReversed().map((node) => [node.service, node])) as Record<
    ServiceName,
    FleetNode
  >;
  const { kafka, postgres } = fleet;
  return {
    gatewayPorts: fleet.gatewayPorts,
    nodesOf: (service) => fleet.nodesOf(service),
    nodes: byService,
    brokers: kafka.brokers,
    servers: { kafka: kafka.pid(), postgres: postgres.pid() },
    urlOf: postgres.urlOf,
    call: callerOf(byService.api.port),
    stop: () => fleet.stop(),
  };
}

function callerOf(port: number): System['call'] {
  return async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
}
