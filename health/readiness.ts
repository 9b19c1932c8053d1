import type { ServiceBroker } from 'moleculer';

/** Says what is wrong with one part of a node right now, or null when nothing is. Must answer at once. */
export type ReadinessCheck = () => string | null;

export interface UnreadyPart {
  readonly part: string;
  readonly detail: string;
}

const checksOfNode = new WeakMap<ServiceBroker, Map<string, ReadinessCheck>>();

/**
 * Adds a part of this node that `/health/ready` speaks of.
 *
 * @param part a short, stable name: `database`, `relay`, `kafka`
 * @param check asked at each request
 */
export function addReadinessCheck(broker: ServiceBroker, part: string, check: ReadinessCheck): void {
  const checks = checksOfNode.get(broker) ?? new Map<string, ReadinessCheck>();
  checks.set(part, check);
  checksOfNode.set(broker, checks);
}

/** @returns the parts of this node that cannot do their work now; empty when the node is ready */
export function unreadyParts(broker: ServiceBroker): UnreadyPart[] {
  return [...(checksOfNode.get(broker) ?? [])].flatMap(([part, check]) => {
    const detail = check();
    return detail === null ? [] : [{ part, detail }];
  });
}
