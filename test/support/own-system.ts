import { startFleet, type FleetNode, type ServiceName } from './fleet.ts';

/** The whole system, a node of each service, with nothing in it yet. */
export interface System {
  readonly nodes: Readonly<Record<ServiceName, FleetNode>>;
  readonly brokers: string;
  /** Process numbers of the servers. */
  readonly servers: { readonly kafka: number; readonly postgres: number };
  /** A database of its PostgreSQL, as the superuser. */
  readonly urlOf: (database: string) => string;
  /** Sends a request to the gateway. */
  call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL, Kafka and the three nodes on free ports.
 *
 * @param environment of the nodes, besides
 */
export async function startSystem(environment: Readonly<Record<string, string>> = {}): Promise<System> {
  const fleet = await startFleet({ api: 1, orders: 1, payments: 1 }, { environment });
  const byService = Object.fromEntries(fleet.nodes.map((node) => [node.service, node])) as Record<
    ServiceName,
    FleetNode
  >;
  const { kafka, postgres } = fleet;
  return {
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
