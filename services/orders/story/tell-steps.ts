import type { Order } from '../../../contract/outputs.ts';
import type { Arrival, EventTrail, PaymentsStory, StoryStep, Waiting } from '../../../contract/story.ts';
import { orderCreated } from '../../../events/order-created.ts';
import { paymentCompleted, paymentRejected } from '../../../events/payment-decided.ts';

/** All that is known of an order's way. */
export interface StoryFacts {
  readonly orderId: string;
  readonly order: Order | null;
  /** `order.created` in the outbox of orders. */
  readonly waiting: Waiting | null;
  /** Null: payments did not answer. */
  readonly payments: PaymentsStory | null;
  /** The decision's event at `orders.settle`. */
  readonly decided: EventTrail;
  readonly now: Date;
}

type Event = NonNullable<StoryStep['event']>;
/** A step before it knows when the story began. */
type Told = Partial<StoryStep> & Pick<StoryStep, 'name' | 'title' | 'service'>;

const UNKNOWN =
  'Not known: no inbox row tells of it. Rows are kept for 37 days, and a restored database has none of what it got back.';
const NOT_ASKED = 'Not known: payments did not answer.';

/**
 * The steps of an order's story, from cause to effect. What is not known has no time and says so; nothing is guessed.
 * An order that is not final ends with where it is now. Pure.
 */
export function tellSteps(facts: StoryFacts): StoryStep[] {
  const { order, now } = facts;
  const told = [...accepted(facts), ...toPayments(facts), ...backToOrders(facts)];
  const start = order?.createdAt ?? told.find(({ at }) => typeof at === 'string')?.at ?? null;
  return told.map((step) => ({
    node: null,
    at: null,
    tookMs: null,
    event: null,
    record: null,
    attempts: null,
    duplicates: null,
    detail: null,
    ...step,
    ...(isOpen(step) && { tookMs: between(step.at ?? null, now.toISOString()) }),
    sinceStartMs: between(start, step.at ?? null),
  }));
}

const OPEN: readonly StoryStep['name'][] = [
  'waits-in-outbox',
  'parked',
  'in-topic',
  'dead-letter',
  'waits-for-payment',
];

function isOpen({ name }: Told): boolean {
  return OPEN.includes(name);
}

function accepted({ order, orderId }: StoryFacts): Told[] {
  if (order === null) return [];
  const title = 'Accepted: the order and its event were written in one transaction.';
  return [{ name: 'accepted', title, service: 'orders', at: order.createdAt, event: createdOf(orderId) }];
}

/** From the outbox of orders to the decision. */
function toPayments(facts: StoryFacts): Told[] {
  const { order, orderId, payments, waiting, decided } = facts;
  const event = createdOf(orderId);
  const decision = payments?.decision ?? null;
  const arrival = payments?.created.arrival ?? null;
  const isOver = decision !== null || decided.arrival !== null || (order !== null && order.status !== 'NEW');
  if (arrival !== null) {
    const steps = arrived(arrival, event, 'payments', ['published', 'received']);
    if (decision === null) return [...steps, discarded(arrival, payments?.created, 'payments')];
    const { status, reason } = decision;
    const title =
      status === 'completed'
        ? 'Paid: decision, balance, ledger entry and event were committed in one transaction.'
        : `Rejected (${reason ?? ''}): decision and event were committed in one transaction.`;
    return [...steps, settledStep('decided', title, arrival, 'payments')];
  }
  if (isOver) {
    const detail = payments === null ? NOT_ASKED : UNKNOWN;
    return [
      { name: 'published', title: 'Published to the topic.', service: 'kafka', event, detail },
      { name: 'received', title: 'Received by payments.', service: 'payments', event, detail },
      {
        name: 'decided',
        title: decision === null ? 'Decided by payments.' : `Decided by payments: ${decision.status}.`,
        service: 'payments',
        at: decision?.decidedAt ?? null,
        detail,
      },
    ];
  }
  return whereNow(event, 'orders', waiting, payments?.created ?? null, 'payments');
}

/** From the outbox of payments to the final order. */
function backToOrders({ order, orderId, payments, decided }: StoryFacts): Told[] {
  const isFinal = order !== null && order.status !== 'NEW';
  const { arrival } = decided;
  const decision = payments?.decision ?? null;
  const event = decisionOf(orderId, decision?.status ?? null, order);
  if (arrival !== null) {
    const steps = arrived(arrival, event, 'orders', ['decision-published', 'decision-received']);
    if (isFinal) return [...steps, settledStep('settled', finalTitle(order), arrival, 'orders')];
    return order === null ? steps : [...steps, discarded(arrival, decided, 'orders')];
  }
  if (isFinal) {
    const detail = UNKNOWN;
    return [
      { name: 'decision-published', title: 'Decision published to its topic.', service: 'kafka', event, detail },
      { name: 'decision-received', title: 'Decision received by orders.', service: 'orders', event, detail },
      { name: 'settled', title: finalTitle(order), service: 'orders', at: order.updatedAt, detail },
    ];
  }
  if (decision === null) return [];
  return whereNow(event, 'payments', payments?.waiting ?? null, decided, 'orders');
}

/** The step that an event is in which has not been settled. @param trail null: its consumer's service was not asked */
function whereNow(
  event: Event,
  from: 'orders' | 'payments',
  waiting: Waiting | null,
  trail: EventTrail | null,
  to: 'orders' | 'payments',
): Told[] {
  if (waiting?.parked) {
    const { reason, error, at } = waiting.parked;
    const title =
      reason === 'behind'
        ? `Set aside in the outbox of ${from}, behind an earlier event of its key that Kafka refused.`
        : `Set aside in the outbox of ${from}: Kafka refused the event.`;
    return [{ name: 'parked', title, service: from, at, event, detail: `${reason}: ${error}` }];
  }
  if (waiting !== null) {
    const title = `Waits in the outbox of ${from}, lane ${waiting.lane}.`;
    return [{ name: 'waits-in-outbox', title, service: from, at: waiting.since, event }];
  }
  const letter = trail?.letters.findLast(({ state }) => state === 'open');
  if (letter !== undefined) {
    const title = `Lies among the dead letters of ${letter.consumer ?? to}: letter ${letter.deadLetterId}.`;
    return [{ name: 'dead-letter', title, service: to, at: letter.at, event, detail: letter.error }];
  }
  if (trail === null) {
    const title = 'Has left the outbox and waits for payments, which does not answer.';
    return [{ name: 'waits-for-payment', title, service: 'payments', event, detail: NOT_ASKED }];
  }
  const title = `Has left the outbox of ${from}, and ${to} has not settled it yet: it is in the topic, or in hand.`;
  return [{ name: 'in-topic', title, service: 'kafka', event }];
}

function arrived(
  arrival: Arrival,
  event: Event,
  by: 'orders' | 'payments',
  [published, received]: readonly [StoryStep['name'], StoryStep['name']],
): Told[] {
  const { record, eventTime, kafkaTime, receivedAt, node, duplicates } = arrival;
  const place = { event, record };
  const what = published === 'published' ? 'Published' : 'Decision published';
  const wait = between(eventTime, kafkaTime);
  return [
    {
      ...place,
      name: published,
      title: `${what} to its topic, after the wait in the outbox.`,
      service: 'kafka',
      at: kafkaTime,
      tookMs: wait,
    },
    {
      ...place,
      name: received,
      title: `Received by ${by}.`,
      service: by,
      node,
      at: receivedAt,
      tookMs: between(kafkaTime, receivedAt),
      duplicates,
      detail:
        duplicates === null ? 'How often it came again is not known: its row is from before that was counted.' : null,
    },
  ];
}

function settledStep(
  name: 'decided' | 'settled',
  title: string,
  arrival: Arrival,
  service: 'orders' | 'payments',
): Told {
  const { receivedAt, committedAt, node, attempts, duplicates } = arrival;
  const detail =
    attempts === null ? 'How many attempts it took is not known: its row is from before that was counted.' : null;
  const tookMs = between(receivedAt, committedAt);
  return { name, title, service, node, at: committedAt, tookMs, attempts, duplicates, detail };
}

/** Its inbox row says that it is done with, and it has had no effect. */
function discarded(arrival: Arrival, trail: EventTrail | undefined, service: 'orders' | 'payments'): Told {
  const act = trail?.letters.findLast(({ state }) => state === 'discarded');
  return {
    name: 'discarded',
    title: 'Discarded: nothing will happen to this event any more.',
    service,
    at: act?.at ?? arrival.committedAt,
    detail: act?.error ?? 'Its inbox row is there, and its effect is not.',
  };
}

function finalTitle({ status, reason }: Order): string {
  return status === 'FINISHED' ? 'FINISHED: the order is final.' : `CANCELLED (${reason ?? ''}): the order is final.`;
}

function createdOf(orderId: string): Event {
  return { eventId: orderId, type: orderCreated.type };
}

function decisionOf(orderId: string, status: 'completed' | 'rejected' | null, order: Order | null): Event {
  const isCompleted = status === null ? order?.status !== 'CANCELLED' : status === 'completed';
  return { eventId: orderId, type: isCompleted ? paymentCompleted.type : paymentRejected.type };
}

/** Null as well when the clocks of two machines would make it less than nothing. */
function between(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const ms = Date.parse(to) - Date.parse(from);
  return ms < 0 ? null : ms;
}
