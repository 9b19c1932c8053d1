import { randomUUID } from 'node:crypto';
import type { FaultContext, FaultKind } from './fault.ts';
import { ask } from './ask-database.ts';
import { append, readNewest, topicsOf, type Appended, type TopicRecord } from './topic-records.ts';
import { until, untilOrdersAreInFlight } from './until.ts';

/** Keys of poisoned records begin with this: the dead letters that a campaign may end with. */
export const POISON_KEY = 'chaos-poison';
const PARKED_TIMEOUT_MS = 25_000;
const CANDIDATES = 200;

type Topic = 'orders' | 'payments';

/** Bytes that no event is, and events that are none of ours. */
export const poison: FaultKind = {
  name: 'poison',
  what:
    'garbage, broken JSON, data that breaks its schema, an unknown type, and a settled id with another payload are ' +
    'appended to both topics: four become dead letters, the unknown type is skipped, and nothing else waits',
  touches: ['topics', 'postgres'],
  usualS: 5,
  run: async (context) => {
    const isBusy = await untilOrdersAreInFlight(context);
    const inFlight = context.ordersInFlight();
    const results = [await poisonTopic(context, 'orders'), await poisonTopic(context, 'payments')];
    return {
      target: 'both topics',
      hit: isBusy && results.every(({ isDone }) => isDone),
      evidence: `${results.map(({ said }) => said).join('; ')}; ${inFlight} orders were in flight`,
    };
  },
};

async function poisonTopic(context: FaultContext, topic: Topic): Promise<{ isDone: boolean; said: string }> {
  const { cluster, signal } = context;
  const name = topicsOf(cluster)[topic];
  const reader = topic === 'orders' ? cluster.paymentsUrl : cluster.ordersUrl;
  const settled = await settledRecord(context, topic);
  if (settled === null) return { isDone: false, said: `${name} holds nothing that is settled yet` };
  const partition = settled.partition;
  const places = await append(cluster, name, poisoned(settled, partition));
  const parked = async (): Promise<number> => {
    const [row] = await ask<{ count: string }>(
      reader,
      'SELECT count(*) FROM dead_letters WHERE topic = $1 AND partition = $2 AND "offset" = ANY ($3::bigint[])',
      [name, partition, places.map(({ offset }) => offset.toString())],
    );
    return Number(row?.count ?? 0);
  };
  // All but the unknown type.
  const isDone = await until(async () => (await parked()) === places.length - 1, PARKED_TIMEOUT_MS, signal);
  return {
    isDone,
    said: `${await parked()} of ${places.length} records in partition ${partition} of ${name} are dead letters`,
  };
}

/** A record whose order is final: nothing follows it that its dead letter could hold up. */
async function settledRecord(context: FaultContext, topic: Topic): Promise<TopicRecord | null> {
  const records = await readNewest(context.cluster, topicsOf(context.cluster)[topic], CANDIDATES);
  const ids = records.map((record) => orderOf(record));
  const rows = await ask<{ order_id: string }>(
    context.cluster.ordersUrl,
    "SELECT order_id FROM orders WHERE order_id = ANY ($1::uuid[]) AND status <> 'NEW'",
    [ids.flatMap((id) => id ?? [])],
  );
  const isFinal = new Set(rows.map(({ order_id }) => order_id));
  const final = records.filter((record) => isFinal.has(orderOf(record) ?? ''));
  return final.length === 0 ? null : context.random.pick(final);
}

function orderOf({ value }: TopicRecord): string | null {
  return /"orderId":"([0-9a-f-]{36})"/.exec(value?.toString() ?? '')?.[1] ?? null;
}

function poisoned({ headers, value }: TopicRecord, partition: number): Appended[] {
  const record = (name: string, changes: Partial<Appended>): Appended => ({
    partition,
    key: `${POISON_KEY}-${name}`,
    value,
    headers: { ...headers, ce_id: randomUUID() },
    ...changes,
  });
  const alone = { ...headers, ce_id: randomUUID(), ce_subject: `order/${randomUUID()}` };
  return [
    record('garbage', { value: Buffer.from([0, 255, 254, 1, 128]), headers: {} }),
    record('broken-json', { value: '{"orderId":', headers: alone }),
    record('broken-schema', {
      value: '{"orderId":17,"amount":"a lot"}',
      headers: { ...alone, ce_id: randomUUID(), ce_subject: `order/${randomUUID()}` },
    }),
    record('unknown-type', { headers: { ...headers, ce_id: randomUUID(), ce_type: 'chaos.unheard-of.v1' } }),
    // The same id and order, and a hundred times the amount.
    record('another-payload', {
      value: (value?.toString() ?? '').replace(/"amount":"(\d+)"/, '"amount":"$100"'),
      headers,
    }),
  ];
}
