import type { ChaosNode, ServiceName } from '../cluster/chaos-cluster.ts';
import type { FaultContext } from './fault.ts';

type Random = Pick<FaultContext, 'random'>;

/** @returns one of them, each as likely as the others */
export function pick<T>({ random }: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}

/** @returns a whole number from `min` to `max`, both included */
export function between({ random }: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** @returns a new list in another order */
export function shuffled<T>({ random }: Random, items: readonly T[]): T[] {
  const list = [...items];
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [list[last], list[other]] = [list[other] as T, list[last] as T];
  }
  return list;
}

export function nodesOf({ cluster }: FaultContext, service: ServiceName): ChaosNode[] {
  return cluster.nodes.filter((node) => node.service === service);
}

export function pickNode(context: FaultContext, service: ServiceName): ChaosNode {
  return pick(context, nodesOf(context, service));
}
