import { createKafka, withAdmin } from '../../kafka/client.ts';
import type { ServiceName } from '../cluster/chaos-cluster.ts';
import type { FaultContext, FaultKind } from './fault.ts';
import { GROUP_OF, silent } from './groups.ts';
import { pickNode } from './pick-node.ts';
import { pause, until, untilOrdersAreInFlight, untilRequestsAreInFlight } from './until.ts';

/** The group's session is 10 s, and its members have 15 s to come back. */
const THROWN_OUT_TIMEOUT_MS = 40_000;
/** Callers of the stopped node meet their time-outs; its clients wait. */
const GATEWAY_STOPPED_MS = 6000;
/** The zombie hears within a heartbeat that it is none of the group any more. */
const NOTICED_TIMEOUT_MS = 20_000;

/** A consumer that the group has thrown out, in the middle of its work, and that goes on. */
function zombie(service: Exclude<ServiceName, 'api'>): FaultKind {
  return {
    name: `zombie-${service}`,
    what: `SIGSTOP of one ${service} node until its group has thrown it out, then SIGCONT`,
    touches: [service],
    usualS: 20,
    run: async (context) => {
      const node = pickNode(context, service);
      const isBusy = await untilOrdersAreInFlight(context);
      const inFlight = context.ordersInFlight();
      let before = 0;
      const isStable = async (): Promise<boolean> => {
        before = await membersOf(context, service);
        return true;
      };
      // The fault before may have left the group in the middle of a rebalance.
      await until(isStable, NOTICED_TIMEOUT_MS, context.signal);
      const readLog = node.readLogFromHere();
      let isThrownOut = false;
      await node.kill('SIGSTOP');
      try {
        isThrownOut = await until(
          async () => (await membersOf(context, service)) < before,
          THROWN_OUT_TIMEOUT_MS,
          context.signal,
        );
      } finally {
        await node.kill('SIGCONT');
      }
      const isBack = await until(
        async () => (await membersOf(context, service)) >= before,
        NOTICED_TIMEOUT_MS,
        context.signal,
      );
      const said =
        readLog()
          .split('\n')
          .find((line) => line.includes('joins its group again')) ?? '';
      return {
        target: node.name,
        hit: isBusy && isThrownOut,
        evidence:
          `stopped with ${inFlight} orders in flight; ` +
          `${isThrownOut ? `the group of ${before} threw it out` : 'the group kept it'}; ` +
          `${isBack ? 'it came back' : 'it was not back in time'}${said === '' ? '' : `: ${said.slice(0, 200)}`}`,
      };
    },
  };
}

/** @returns how many members the service's group has; throws while it changes */
async function membersOf({ cluster }: FaultContext, service: 'orders' | 'payments'): Promise<number> {
  const { groups } = await withAdmin(createKafka(cluster.kafka, 'chaos-groups', silent), (admin) =>
    admin.describeGroups([GROUP_OF[service](cluster.namespace)]),
  );
  const [group] = groups;
  if (group?.state !== 'Stable') throw new Error('The group is changing.');
  return group.members.length;
}

const stoppedGateway: FaultKind = {
  name: 'stopped-gateway',
  what: 'SIGSTOP of one gateway while requests are in it, then SIGCONT',
  touches: ['api'],
  usualS: 7,
  run: async (context) => {
    const node = pickNode(context, 'api');
    await untilRequestsAreInFlight(context);
    await node.kill('SIGSTOP');
    let waiting = 0;
    try {
      // Whoever sends it something now waits for it: seen as requests that stay in flight.
      await pause(GATEWAY_STOPPED_MS, context.signal);
      waiting = context.requestsInFlight();
    } finally {
      await node.kill('SIGCONT');
    }
    return { target: node.name, hit: waiting > 0, evidence: `${waiting} requests were waiting when it went on` };
  },
};

export const STOP_KINDS: readonly FaultKind[] = [zombie('payments'), zombie('orders'), stoppedGateway];
