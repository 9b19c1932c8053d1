import type { ChaosNode, ServiceName } from '../cluster/chaos-cluster.ts';
import type { FaultContext } from './fault.ts';

export function nodesOf({ cluster }: FaultContext, service: ServiceName): ChaosNode[] {
  return cluster.nodes.filter((node) => node.service === service);
}

export function pickNode(context: FaultContext, service: ServiceName): ChaosNode {
  return context.random.pick(nodesOf(context, service));
}
