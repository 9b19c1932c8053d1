import type { ServiceName } from '../cluster/chaos-cluster.ts';
import type { FaultKind } from './fault.ts';
import { pickNode } from './pick-node.ts';
import { pause, until, untilOrdersAreInFlight } from './until.ts';
import { watchLogs } from './watch-logs.ts';

const SECOND_MS = 1000;
const STEPS_MS = [-86_400, -3600, -30, -3, 3, 30, 3600, 86_400].map((seconds) => seconds * SECOND_MS);
const SEEN_TIMEOUT_MS = 5000;
/** Longer than a heartbeat and a commit of offsets, which kafkajs times by the wall clock. */
const STEPPED_FOR_MS = 6000;
const SERVICES: readonly ServiceName[] = ['api', 'orders', 'payments'];

export const clockStep: FaultKind = {
  name: 'clock-step',
  what: "one node's clock jumps by up to a day, forwards or back, and returns after some seconds",
  touches: ['clocks'],
  usualS: 7,
  run: async (context) => {
    const node = pickNode(context, context.random.pick(SERVICES));
    const stepMs = context.random.pick(STEPS_MS);
    const isBusy = await untilOrdersAreInFlight(context);
    const inFlight = context.ordersInFlight();
    const said = watchLogs([node], /clock was stepped/);
    try {
      node.stepClock(stepMs);
      await until(() => said() !== null, SEEN_TIMEOUT_MS, context.signal);
      await pause(STEPPED_FOR_MS, context.signal);
    } finally {
      node.stepClock(0);
    }
    const line = said();
    return {
      target: node.name,
      hit: isBusy && line !== null,
      evidence: `${inFlight} orders in flight; ${line ?? 'the node did not see the step'}`,
    };
  },
};
