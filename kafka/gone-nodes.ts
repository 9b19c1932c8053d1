import type { Middleware, ServiceBroker } from 'moleculer';

/** How often the others' heartbeats are looked at; Moleculer itself looks once in a heartbeat timeout, and may take two. */
const CHECK_INTERVAL_S = 1;
/** A check that is later than this was late because this node was stopped, or busy: it says nothing about the others. */
const LATE_CHECK_S = 3;

/** What Moleculer knows of another node; its types do not say. */
export interface RemoteNode {
  readonly id: string;
  readonly local: boolean;
  readonly available: boolean;
  /** Of the process: another one under the same id is a node that was restarted. */
  readonly instanceID: string | null;
  /** Seconds of this process' uptime; null until the first heartbeat. */
  lastHeartbeatTime: number | null;
}

/** A packet on its way in; Moleculer's types have another shape for its handler than its code. */
export type Packet = { readonly payload?: { readonly sender?: string; readonly instanceID?: string } };
export type MessageHandler = (command: string, packet: Packet) => Promise<unknown>;

/**
 * Which nodes are gone: they have sent no heartbeat for longer than `timeoutS`. Notes the time of those that have sent
 * none yet, and forgives everybody after a check that was late itself.
 *
 * @param now seconds
 * @param lastCheck when this was asked before, seconds
 */
export function goneNodes(
  nodes: readonly RemoteNode[],
  now: number,
  lastCheck: number,
  timeoutS: number,
): RemoteNode[] {
  const isLate = now - lastCheck > LATE_CHECK_S;
  return nodes.filter((node) => {
    if (node.local || !node.available) return false;
    if (isLate) node.lastHeartbeatTime = now;
    node.lastHeartbeatTime ??= now;
    return now - node.lastHeartbeatTime > timeoutS;
  });
}

/**
 * Ends calls to a node that is gone as soon as that is known, rather than at their time-outs: when its heartbeats stay
 * away, and when another process comes under its id. Whether they were run is not known then; their callers learn that.
 *
 * @param timeoutS a node without a heartbeat for this long is gone
 */
export function forgetGoneNodes(timeoutS: number): Middleware {
  let timer: NodeJS.Timeout | undefined;
  let broker: ServiceBroker;
  // Moleculer's types have another shape for the handler of packets than its code.
  return {
    name: 'ForgetGoneNodes',
    created(created: ServiceBroker) {
      broker = created;
      let lastCheck = process.uptime();
      timer = setInterval(() => {
        const now = process.uptime();
        for (const { id } of goneNodes(nodesOf(broker), now, lastCheck, timeoutS)) {
          broker.logger.warn(`Node ${id} has sent no heartbeat for ${timeoutS} s: it counts as gone.`);
          registryOf(broker).nodes.disconnected(id, true);
        }
        lastCheck = now;
      }, CHECK_INTERVAL_S * 1000).unref();
    },
    stopped() {
      clearInterval(timer);
      return Promise.resolve();
    },
    transitMessageHandler:
      (next: MessageHandler): MessageHandler =>
      (command, packet) => {
        if (command === 'INFO') endCallsToPredecessor(broker, packet);
        return next(command, packet);
      },
  } as unknown as Middleware;
}

/** The process that they were sent to is no more; the one that has come now reads nothing of what came before it. */
function endCallsToPredecessor(broker: ServiceBroker, { payload }: Packet): void {
  const known = nodesOf(broker).find(({ id }) => id === payload?.sender);
  if (known === undefined || known.local || known.instanceID === null || payload?.instanceID === known.instanceID) {
    return;
  }
  broker.transit?.removePendingRequestByNodeID(known.id);
}

interface Registry {
  readonly nodes: { toArray(): RemoteNode[]; disconnected(id: string, isUnexpected: boolean): void };
}

function registryOf(broker: ServiceBroker): Registry {
  return broker.registry;
}

function nodesOf(broker: ServiceBroker): RemoteNode[] {
  return registryOf(broker).nodes.toArray();
}
