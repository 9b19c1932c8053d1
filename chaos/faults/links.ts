import type { ChaosNode, ServiceName } from '../cluster/chaos-cluster.ts';
import type { Link } from '../cluster/toxiproxy.ts';
import type { FaultContext, FaultKind, FaultOutcome } from './fault.ts';
import { pickNode } from './pick-node.ts';
import { pause, until, untilOrdersAreInFlight } from './until.ts';
import { watchLogs } from './watch-logs.ts';

const SERVICES: readonly ServiceName[] = ['api', 'orders', 'payments'];
const NOTICED_TIMEOUT_MS = 16_000;
/** So that calls, relay and consumer of the node all meet it. */
const CUT_MS = { min: 500, max: 4000 } as const;
const SLOW_MS = { min: 2000, max: 5000 } as const;
/** A COMMIT or a produce request goes out in that time; its connection ends then. */
const ANSWERS_LOST_FOR_MS = 400;
const READ_TIMEOUT_MS = 15_000;
/** Beyond what a busy machine alone makes of a read. */
const CLEARLY_SLOWER = 1.5;
const TROUBLE =
  /begins anew|is lost: taking|does not answer|joins its group again|sent again|did not confirm|cannot settle|Kafka:|calls|Waiting for/;

/** Cuts one way of a node and waits until the node has noticed. */
function cutting(
  name: string,
  what: string,
  server: 'postgres' | 'kafka',
  services: readonly ServiceName[],
  act: (link: Link) => Promise<void>,
  notice = TROUBLE,
): FaultKind {
  return {
    name,
    what,
    touches: ['links'],
    usualS: 6,
    run: async (context) => {
      const node = pickNode(context, context.random.pick(services));
      const link = node.links[server];
      await untilOrdersAreInFlight(context);
      const inFlight = `${context.ordersInFlight()} orders and ${context.requestsInFlight()} requests in flight`;
      const isBusy = context.ordersInFlight() > 0;
      const said = watchLogs([node], notice);
      try {
        await act(link);
        await until(() => said() !== null, NOTICED_TIMEOUT_MS, context.signal);
        await pause(context.random.between(CUT_MS.min, CUT_MS.max), context.signal);
      } finally {
        await link.heal();
      }
      const line = said();
      return {
        target: link.name,
        hit: isBusy && line !== null,
        evidence: `${inFlight}; ${line ?? 'the node said nothing'}`,
      };
    },
  };
}

/** Slows both ways of one node down, or of all. */
function slowing(
  name: string,
  what: string,
  describe: (context: FaultContext) => { text: string; act: (link: Link) => Promise<void> },
): FaultKind {
  return {
    name,
    what,
    touches: ['links'],
    usualS: 5,
    run: async (context) => {
      const isForAll = context.random.share() < 0.3;
      const one = pickNode(context, context.random.pick(SERVICES));
      const nodes = isForAll ? context.cluster.nodes : [one];
      const { text, act } = describe(context);
      const isBusy = await untilOrdersAreInFlight(context);
      const inFlight = context.ordersInFlight();
      const beforeMs = await readTimeMs(one);
      let slowMs = 0;
      try {
        await Promise.all(nodes.flatMap((node) => [act(node.links.postgres), act(node.links.kafka)]));
        slowMs = await readTimeMs(one);
        await pause(context.random.between(SLOW_MS.min, SLOW_MS.max), context.signal);
      } finally {
        await Promise.all(nodes.flatMap((node) => [node.links.postgres.heal(), node.links.kafka.heal()]));
      }
      return slowed(isForAll ? 'every link' : `both links of ${one.name}`, {
        hit: isBusy && slowMs > beforeMs * CLEARLY_SLOWER,
        evidence:
          `${text}, with ${inFlight} orders in flight: a read through ${one.name} took ` +
          `${Math.round(slowMs)} ms, before ${Math.round(beforeMs)} ms`,
      });
    },
  };
}

function slowed(target: string, rest: Omit<FaultOutcome, 'target'>): FaultOutcome {
  return { target, ...rest };
}

/** How long a read of something that does not exist takes through a node's own door: over its link to PostgreSQL, or to Kafka. */
async function readTimeMs(node: ChaosNode): Promise<number> {
  const path =
    node.service === 'payments'
      ? '/api/payments/accounts/nobody-at-all'
      : '/api/orders/00000000-0000-7000-8000-000000000000';
  const began = performance.now();
  await fetch(`http://127.0.0.1:${node.port}${path}`, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) })
    .then((answer) => answer.text())
    .catch(() => undefined);
  return performance.now() - began;
}

const DATABASE_SERVICES: readonly ServiceName[] = ['orders', 'payments'];

export const LINK_KINDS: readonly FaultKind[] = [
  cutting(
    'link-cut-kafka',
    "one node's connections to Kafka end, and new ones are refused",
    'kafka',
    SERVICES,
    (link) => link.cut(),
  ),
  cutting(
    'link-cut-postgres',
    "one node's connections to PostgreSQL end, and new ones are refused",
    'postgres',
    DATABASE_SERVICES,
    (link) => link.cut(),
  ),
  cutting(
    'link-silent-kafka',
    'nothing goes through between one node and Kafka, and no connection ends: a pulled cable',
    'kafka',
    SERVICES,
    (link) => link.silence(),
  ),
  cutting(
    'link-silent-postgres',
    'nothing goes through between one node and PostgreSQL, and no connection ends',
    'postgres',
    DATABASE_SERVICES,
    (link) => link.silence(),
  ),
  cutting(
    'answers-lost-kafka',
    'what one node sends reaches Kafka, the answers do not come back: its relay sends again what was written',
    'kafka',
    DATABASE_SERVICES,
    (link) => link.loseAnswers(ANSWERS_LOST_FOR_MS),
    /are sent again/,
  ),
  cutting(
    'answers-lost-postgres',
    'what one node sends reaches PostgreSQL, the answers do not come back: COMMITs whose outcome it does not know',
    'postgres',
    DATABASE_SERVICES,
    (link) => link.loseAnswers(ANSWERS_LOST_FOR_MS),
  ),
  slowing('link-delayed', 'each piece of bytes waits 10 to 500 ms on its way', (context) => {
    const [latencyMs, jitterMs] = [context.random.between(10, 500), context.random.between(0, 50)];
    return { text: `${latencyMs} ms ± ${jitterMs} ms`, act: (link) => link.delay(latencyMs, jitterMs) };
  }),
  slowing('link-throttled', 'so few bytes a second go through that requests queue for their way', (context) => {
    const rate = context.random.between(1, 6);
    return { text: `${rate} kB/s`, act: (link) => link.throttle(rate) };
  }),
];
