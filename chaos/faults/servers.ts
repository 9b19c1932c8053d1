import type { FaultContext, FaultKind, FaultOutcome } from './fault.ts';
import { pause, until, untilOrdersAreInFlight } from './until.ts';
import { watchLogs } from './watch-logs.ts';

/** What nodes say when Kafka, or PostgreSQL, has gone away under them. */
const KAFKA_IS_AWAY = /Kafka|kafka|calls/;
const POSTGRES_IS_AWAY = /begins anew|does not answer|slot of .* is lost|cannot settle/;
/** A silent broker is noticed when requests meet their time-outs: 3 s for calls, 10 s for facts. */
const NOTICED_TIMEOUT_MS = 20_000;
/** So that nodes meet the outage in whatever they do: calls, relay, consumer. */
const AWAY_MS = 1500;

const kafkaKilled: FaultKind = {
  name: 'kafka-killed',
  what: 'SIGKILL of Kafka, and its start',
  touches: ['kafka', 'topics', 'api', 'orders', 'payments'],
  usualS: 8,
  run: (context) =>
    takeAway(context, {
      target: 'kafka',
      notice: KAFKA_IS_AWAY,
      take: () => context.cluster.servers.kafka.signal('SIGKILL'),
      giveBack: () => context.cluster.servers.kafka.start(),
    }),
};

const kafkaStopped: FaultKind = {
  name: 'kafka-stopped',
  what: 'SIGSTOP of Kafka until nodes notice, then SIGCONT',
  touches: ['kafka', 'topics', 'api', 'orders', 'payments'],
  usualS: 7,
  run: (context) =>
    takeAway(context, {
      target: 'kafka',
      notice: KAFKA_IS_AWAY,
      take: () => context.cluster.servers.kafka.signal('SIGSTOP'),
      giveBack: () => context.cluster.servers.kafka.signal('SIGCONT'),
    }),
};

const postgresStopped: FaultKind = {
  name: 'postgres-immediate-stop',
  what: 'PostgreSQL ends in immediate mode (SIGQUIT: no checkpoint, every session cut), and starts again with a recovery',
  touches: ['postgres', 'api', 'orders', 'payments'],
  usualS: 5,
  run: (context) =>
    takeAway(context, {
      target: 'postgres',
      notice: POSTGRES_IS_AWAY,
      take: () => context.cluster.servers.postgres.signal('SIGQUIT'),
      giveBack: () => context.cluster.servers.postgres.start(),
    }),
};

interface Taking {
  readonly target: string;
  readonly notice: RegExp;
  take(): Promise<void>;
  giveBack(): Promise<void>;
}

async function takeAway(context: FaultContext, taking: Taking): Promise<FaultOutcome> {
  const { target, notice } = taking;
  const isBusy = await untilOrdersAreInFlight(context);
  const inFlight = `${context.ordersInFlight()} orders and ${context.requestsInFlight()} requests in flight`;
  const said = watchLogs(context.cluster.nodes, notice);
  try {
    await taking.take();
    await until(() => said() !== null, NOTICED_TIMEOUT_MS, context.signal);
    await pause(AWAY_MS, context.signal);
  } finally {
    await taking.giveBack();
  }
  const line = said();
  return { target, hit: isBusy && line !== null, evidence: `${inFlight}; ${line ?? 'no node noticed'}` };
}

export const SERVER_KINDS: readonly FaultKind[] = [kafkaKilled, kafkaStopped, postgresStopped];
