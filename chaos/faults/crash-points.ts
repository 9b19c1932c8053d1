import type { ServiceName } from '../cluster/chaos-cluster.ts';
import { CRASH_POINTS, type CrashPoint } from '../../crash-points/crash-point.ts';
import type { FaultKind } from './fault.ts';
import { pickNode } from './pick-node.ts';
import { until, untilOrdersAreInFlight } from './until.ts';

/** Who passes a point under load. */
const SERVICES_AT: Readonly<Record<CrashPoint, readonly ServiceName[]>> = {
  'relay.before-publish': ['orders', 'payments'],
  'relay.after-publish': ['orders', 'payments'],
  'consumer.before-commit': ['orders', 'payments'],
  'consumer.after-commit': ['orders', 'payments'],
  'write.before-commit': ['orders'],
  'write.after-commit': ['orders'],
  'http.before-answer': ['api'],
};
/** A later pass meets a batch in the middle of the traffic, not only the first one after the arming. */
const LATEST_PASS = 4;
/** Under load each point is passed many times a second. */
const DEATH_TIMEOUT_MS = 15_000;

/** A node that kills itself at a named point of its code. */
function crashAt(point: CrashPoint): FaultKind {
  const services = SERVICES_AT[point];
  return {
    name: `crash-${point}`,
    what: `a node of ${services.join(' or ')} kills itself at ${point}, and its start`,
    touches: services,
    usualS: 7,
    run: async (context) => {
      const node = pickNode(context, context.random.pick(services));
      const pass = context.random.between(1, LATEST_PASS);
      await untilOrdersAreInFlight(context);
      const readLog = node.readLogFromHere();
      node.armCrashPoint(`${point}:${pass}`);
      const isDead = await until(() => node.pid() === null, DEATH_TIMEOUT_MS, context.signal);
      const inFlight = context.ordersInFlight();
      if (!isDead) node.armCrashPoint('');
      await node.start();
      const said = readLog()
        .split('\n')
        .find((line) => line.includes(`Crash point ${point}`));
      return {
        target: node.name,
        hit: said !== undefined && inFlight > 0,
        evidence:
          said === undefined
            ? `${node.name} did not pass ${point} ${pass} times in ${DEATH_TIMEOUT_MS / 1000} s`
            : `${said} It was pass ${pass}, with ${inFlight} orders in flight.`,
      };
    },
  };
}

export const CRASH_KINDS: readonly FaultKind[] = CRASH_POINTS.map(crashAt);
