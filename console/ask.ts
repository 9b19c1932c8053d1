import type { ServiceBroker } from 'moleculer';
import { CallFailed } from '../http/answer-call.ts';
import { isProblem } from '../problems/problems.ts';
import type { Answered, KnownNode } from './answers.ts';

interface RegistryNode {
  readonly id: string;
  readonly available: boolean;
  readonly hostname?: string;
  readonly ipList?: readonly string[];
  readonly client?: { readonly version?: string; readonly langVersion?: string };
  readonly lastHeartbeatTime?: number;
  readonly cpu?: number | null;
  readonly local: boolean;
  readonly services?: readonly { readonly name: string }[];
}

/** A person waits for it, and looks again. */
const READ_TIMEOUT_MS = 5000;

/** Asks the cluster, by the actions that everybody on the bus may call. */
export class Ask {
  readonly #broker: ServiceBroker;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  get nodeId(): string {
    return this.#broker.nodeID;
  }

  /** @throws `CallFailed`, which the door turns into a problem */
  async call<T>(action: string, params: object, { timeoutMs = READ_TIMEOUT_MS, nodeId = '' } = {}): Promise<T> {
    try {
      // Not tracked: the door itself waits for what it answers.
      return await this.#broker.call<T, object>(action, params, {
        timeout: timeoutMs,
        tracking: false,
        ...(nodeId !== '' && { nodeID: nodeId }),
      });
    } catch (error) {
      throw new CallFailed(error, undefined);
    }
  }

  /** Asks each node that has this action, for itself; a node that does not answer has a sentence instead. */
  async callEach<T>(actionOf: (service: string) => string, params: object, timeoutMs?: number): Promise<Answered<T>[]> {
    const asked = this.nodes()
      .filter(({ isHere }) => isHere)
      .flatMap(({ id, services }) =>
        services.filter((service) => this.has(actionOf(service), id)).map((service) => ({ nodeId: id, service })),
      );
    return Promise.all(
      asked.map(async ({ nodeId, service }): Promise<Answered<T>> => {
        try {
          const answer = await this.call<T>(actionOf(service), params, {
            nodeId,
            ...(timeoutMs !== undefined && { timeoutMs }),
          });
          return { nodeId, service, answer };
        } catch (error) {
          return { nodeId, service, failure: sentenceOf(error) };
        }
      }),
    );
  }

  /** Whether a node is here that has this action: any, or one in particular. */
  has(action: string, nodeId?: string): boolean {
    const endpoints = this.#broker.registry.actions.get(action) as
      { hasAvailable(): boolean; getEndpointByNodeID(id: string): { isAvailable: boolean } | null } | undefined;
    if (endpoints === undefined) return false;
    return nodeId === undefined
      ? endpoints.hasAvailable()
      : endpoints.getEndpointByNodeID(nodeId)?.isAvailable === true;
  }

  /** Services of which a node is here and that have this action. */
  servicesWith(suffix: string): string[] {
    return [...new Set(this.nodes().flatMap(({ isHere, services }) => (isHere ? services : [])))]
      .filter((service) => this.has(`${service}.${suffix}`))
      .sort();
  }

  /** Nodes that are here, and those that were. */
  nodes(): KnownNode[] {
    const list = this.#broker.registry.getNodeList({
      onlyAvailable: false,
      withServices: true,
    }) as unknown as RegistryNode[];
    return list
      .map((node): KnownNode => ({
        id: node.id,
        isHere: node.available,
        services: [...new Set((node.services ?? []).map(({ name }) => name))]
          .filter((name) => !name.startsWith('$'))
          .sort(),
        hostname: node.hostname ?? '',
        addresses: node.ipList ?? [],
        runtime: node.client?.langVersion ?? '',
        moleculer: node.client?.version ?? '',
        silentForMs: node.local ? null : sinceHeartbeat(node.lastHeartbeatTime),
        cpuPercent: node.cpu ?? null,
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

/** Moleculer's heartbeats are of the process' clock, in seconds. */
function sinceHeartbeat(at: number | undefined): number | null {
  return at === undefined ? null : Math.max(0, Math.round((process.uptime() - at) * 1000));
}

/** @returns why a call failed, for a person */
export function sentenceOf(thrown: unknown): string {
  const error = thrown instanceof CallFailed ? thrown.cause : thrown;
  if (isProblem(error)) return error.message;
  const { type, message } = error as { type?: string; message?: string };
  if (type === 'REQUEST_TIMEOUT') return 'It did not answer in time.';
  if (type === 'SERVICE_NOT_FOUND' || type === 'SERVICE_NOT_AVAILABLE') return 'It is not there right now.';
  return message ?? 'It did not answer.';
}
