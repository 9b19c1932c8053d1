import type { Finding } from '../findings.ts';
import type { Sweep } from '../sweep.ts';
import { discardedEvents } from './discarded-events.ts';
import { DECIDED, PARKED, STILL_NEW, UNDECIDED_PAGE } from './on-the-way.sql.ts';
import { outboxPages } from './outbox-pages.ts';
import type { Route, Routes } from './routes.ts';
import type { Offsets, TopicSpans } from './topic-spans.ts';

/** Ids of a page take some megabytes, whatever the size of a backlog. */
const PAGE_ORDERS = 20_000;
/** Most orders become final while these pauses (milliseconds) pass; only the rest is searched for in the topics. */
const ASKED_AGAIN_AFTER_MS = [100, 400, 1500];
/** How much earlier than the order's id says its event may lie in the topic: clocks of nodes and brokers differ. */
const CLOCK_MARGIN_MS = 10 * 60_000;
const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000';

/** What is neither in an outbox nor among dead letters, and from where its topic has to be searched for it. */
interface Missing {
  /** Not decided: where is `order.created`? */
  readonly undecided: { readonly ids: readonly string[]; readonly from: Offsets };
  /** Decided and not applied: where is the decision? */
  readonly unsettled: { readonly ids: readonly string[]; readonly from: Offsets };
}

/**
 * I8 of orders that are not final: the event that has to come next is in an outbox, in a topic ahead of its consumer,
 * or a dead letter.
 *
 * It moves in one direction (order and outbox, topic, inbox with decision or dead letter) and is read in that direction,
 * so that what moves on while it is looked for is met further on.
 */
export async function sweepUndecided(sweep: Sweep, topics: TopicSpans, routes: Routes): Promise<void> {
  let after = BEFORE_ALL_IDS;
  for (;;) {
    const page = await sweep.orders.query<{ order_id: string }>(UNDECIDED_PAGE, [after, PAGE_ORDERS]);
    const ids = page.map(({ order_id }) => order_id);
    sweep.counts.add('orders not final', ids.length);
    await checkPage(sweep, topics, routes, ids);
    sweep.onRows('events on their way', ids.length);
    const last = ids.at(-1);
    if (last === undefined || ids.length < PAGE_ORDERS) return;
    after = last;
  }
}

async function checkPage(sweep: Sweep, topics: TopicSpans, routes: Routes, ids: readonly string[]): Promise<void> {
  let missing = await follow(sweep, topics, routes, ids);
  for (const pauseMs of ASKED_AGAIN_AFTER_MS) {
    if (isNothing(missing)) return;
    await sweep.pause(pauseMs);
    missing = await follow(sweep, topics, routes, allOf(missing));
  }
  const notInTopics = await searchTopics(topics, routes, missing);
  if (notInTopics.length === 0) return;
  // Once more from the beginning: an event that was put back meanwhile (a replay, a reconcile) is on its way.
  const again = await follow(sweep, topics, routes, notInTopics);
  const nowhere = new Set(await searchTopics(topics, routes, again));
  const undecided = again.undecided.ids.filter((id) => nowhere.has(id));
  const unsettled = again.unsettled.ids.filter((id) => nowhere.has(id));
  const discarded = await discardedEvents(sweep, routes, undecided, unsettled);
  sweep.findings.addDiscarded(discarded);
  sweep.counts.add('orders whose event was discarded', discarded.length);
  const known = new Set(discarded.map(({ orderId }) => orderId));
  sweep.findings.addAll(undecided.filter((id) => !known.has(id)).map(lostOrder));
  sweep.findings.addAll(unsettled.filter((id) => !known.has(id)).map(lostDecision));
}

function lostOrder(orderId: string): Finding {
  const what = `Order ${orderId} is NEW, payments has not decided, and its event is in no outbox, not ahead in the topic, and no dead letter.`;
  return { check: 'undecided', what, ids: { orderId } };
}

function lostDecision(orderId: string): Finding {
  const what = `Order ${orderId} is NEW, payments has decided, and the event of it is in no outbox, not ahead in the topic, and no dead letter.`;
  return { check: 'unsettled', what, ids: { orderId } };
}

/** Follows the events of orders through everything but the topics. */
async function follow(
  sweep: Sweep,
  topics: TopicSpans,
  { toPayments, toOrders }: Routes,
  orderIds: readonly string[],
): Promise<Missing> {
  const none = { ids: [], from: new Map<number, bigint>() };
  const open = await stillNew(sweep, orderIds);
  const waiting = await inOutbox(sweep.orders, toPayments, open);
  const published = open.filter((id) => !waiting.has(id));
  if (published.length === 0) return { undecided: none, unsettled: none };

  const fromOrders = await topics.committed(toPayments.groupId, toPayments.topic);
  const { decided, parked } = await sweep.payments.read(async (query) => ({
    decided: new Set((await query<{ order_id: string }>(DECIDED, [published])).map(({ order_id }) => order_id)),
    parked: await query<{ aggregate_id: string }>(PARKED, [toPayments.consumer, toPayments.aggregateType, published]),
  }));
  const parkedIds = new Set(parked.map(({ aggregate_id }) => aggregate_id));
  const undecided = published.filter((id) => !decided.has(id) && !parkedIds.has(id));

  const leaving = await inOutbox(sweep.payments, toOrders, [...decided]);
  const told = [...decided].filter((id) => !leaving.has(id));
  const fromPayments = told.length === 0 ? none.from : await topics.committed(toOrders.groupId, toOrders.topic);
  const unsettled = await notParked(sweep, toOrders, await stillNew(sweep, told));
  return { undecided: { ids: undecided, from: fromOrders }, unsettled: { ids: unsettled, from: fromPayments } };
}

async function stillNew({ orders }: Sweep, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  return (await orders.query<{ order_id: string }>(STILL_NEW, [ids])).map(({ order_id }) => order_id);
}

async function notParked({ orders }: Sweep, { consumer, aggregateType }: Route, ids: readonly string[]) {
  if (ids.length === 0) return [];
  const parked = await orders.query<{ aggregate_id: string }>(PARKED, [consumer, aggregateType, ids]);
  const found = new Set(parked.map(({ aggregate_id }) => aggregate_id));
  return ids.filter((id) => !found.has(id));
}

async function inOutbox(
  database: Sweep['orders'],
  { aggregateType }: Route,
  ids: readonly string[],
): Promise<Set<string>> {
  const wanted = new Set(ids);
  const found = new Set<string>();
  if (wanted.size === 0) return found;
  for await (const page of outboxPages(database)) {
    for (const row of page) {
      if (row.aggregate_type === aggregateType && wanted.has(row.aggregate_id)) found.add(row.aggregate_id);
    }
    if (found.size === wanted.size) break;
  }
  return found;
}

/** @returns the ids whose events are not in their topic either */
async function searchTopics(topics: TopicSpans, { toPayments, toOrders }: Routes, missing: Missing): Promise<string[]> {
  return [
    ...(await searchTopic(topics, toPayments, missing.undecided)),
    ...(await searchTopic(topics, toOrders, missing.unsettled)),
  ];
}

async function searchTopic(
  topics: TopicSpans,
  { topic, aggregateType }: Route,
  { ids, from }: Missing['undecided'],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const until = await topics.ends(topic);
  const near = later(from, await topics.since(topic, timeOf(ids) - CLOCK_MARGIN_MS));
  const subjectOf = (id: string): string => `${aggregateType}/${id}`;
  let found = await topics.search(topic, near, until, new Set(ids.map(subjectOf)));
  const rest = ids.filter((id) => !found.has(subjectOf(id)));
  // Clocks may differ by more: the whole span, before anything is said to be lost.
  if (rest.length === 0) return [];
  found = await topics.search(topic, from, until, new Set(rest.map(subjectOf)));
  return rest.filter((id) => !found.has(subjectOf(id)));
}

function later(left: Offsets, right: Offsets): Offsets {
  return new Map(
    [...left].map(([partition, offset]) => {
      const other = right.get(partition) ?? offset;
      return [partition, other > offset ? other : offset];
    }),
  );
}

/** When the oldest of these UUIDv7 was made, in milliseconds. */
function timeOf(ids: readonly string[]): number {
  const [oldest = BEFORE_ALL_IDS] = [...ids].sort();
  return Number.parseInt(oldest.replaceAll('-', '').slice(0, 12), 16);
}

function isNothing({ undecided, unsettled }: Missing): boolean {
  return undecided.ids.length === 0 && unsettled.ids.length === 0;
}

function allOf({ undecided, unsettled }: Missing): string[] {
  return [...undecided.ids, ...unsettled.ids];
}
