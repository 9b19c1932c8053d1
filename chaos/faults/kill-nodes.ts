import type { ServiceName } from '../cluster/chaos-cluster.ts';
import type { FaultKind } from './fault.ts';
import { nodesOf, pickNode } from './pick-node.ts';
import { untilOrdersAreInFlight, untilRequestsAreInFlight } from './until.ts';

/** SIGKILL of one node at a moment of no choosing. */
function killNode(service: ServiceName): FaultKind {
  return {
    name: `kill-${service}`,
    what: `SIGKILL of one ${service} node while it works, and its start`,
    touches: [service],
    usualS: 7,
    run: async (context) => {
      const node = pickNode(context, service);
      const isBusy =
        service === 'api' ? await untilRequestsAreInFlight(context) : await untilOrdersAreInFlight(context);
      const inFlight = `${context.ordersInFlight()} orders and ${context.requestsInFlight()} requests in flight`;
      const pid = node.pid();
      try {
        await node.kill('SIGKILL');
      } finally {
        await node.start();
      }
      return { target: node.name, hit: isBusy && pid !== null, evidence: `pid ${pid} was killed with ${inFlight}` };
    },
  };
}

/** As an upgrade does: every node, one after another. */
const rollingRestart: FaultKind = {
  name: 'rolling-restart',
  what: 'SIGTERM to every node, one after another, each started again before the next one',
  touches: ['api', 'orders', 'payments'],
  usualS: 35,
  run: async (context) => {
    const isBusy = await untilOrdersAreInFlight(context);
    const restarted: string[] = [];
    for (const service of ['api', 'orders', 'payments'] as const) {
      for (const node of nodesOf(context, service)) {
        if (context.signal.aborted) break;
        const before = node.pid();
        await node.stopGracefully();
        await node.start();
        if (node.pid() !== before) restarted.push(`${node.name} with ${context.ordersInFlight()} orders in flight`);
      }
    }
    return {
      target: 'every node',
      hit: isBusy && restarted.length === context.cluster.nodes.length,
      evidence: `restarted: ${restarted.join(', ')}`,
    };
  },
};

export const KILL_KINDS: readonly FaultKind[] = [
  killNode('api'),
  killNode('orders'),
  killNode('payments'),
  rollingRestart,
];
