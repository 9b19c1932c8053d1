import type { EVENT_TYPES } from '../../events/catalogue.ts';
import type { Json } from '../openapi/json.ts';

/** What people are told about topics and events. */

/** The version of AsyncAPI's own words for Kafka. */
export const KAFKA_BINDING = '0.5.0';

export type Publisher = keyof typeof EVENT_TYPES;

export const TOPICS: Readonly<Record<Publisher, { readonly title: string; readonly description: string }>> = {
  orders: {
    title: 'Facts about orders',
    description: 'Told by orders through its outbox. The key is the user: all orders of one account come in order.',
  },
  payments: {
    title: 'Facts about payments',
    description: 'Told by payments through its outbox. The key is the order.',
  },
};

/** By event type. */
export const DESCRIBED: Readonly<
  Record<string, { readonly title: string; readonly summary: string; readonly examples: readonly Json[] }>
> = {
  'order.created': {
    title: 'An order was accepted',
    summary: 'It is NEW, and waits for its payment. Each order has exactly one such event.',
    examples: [
      {
        payload: {
          orderId: '01a205f1-c415-79d1-ae9b-5eeefc476578',
          userId: 'alice',
          amount: '4005',
          createdAt: '2026-11-23T01:07:40.181Z',
        },
      },
    ],
  },
  'payment.completed': {
    title: 'The order was paid',
    summary: "Its amount left the user's account, once. The order becomes FINISHED.",
    examples: [
      {
        payload: {
          orderId: '01a205f1-c415-79d1-ae9b-5eeefc476578',
          userId: 'alice',
          amount: '4005',
          decidedAt: '2026-11-23T01:07:40.198Z',
        },
      },
    ],
  },
  'payment.rejected': {
    title: 'The order was not paid',
    summary: 'No money moved for this order, and none will, whatever is deposited later. The order becomes CANCELLED.',
    examples: [
      {
        payload: {
          orderId: '01a205f1-c415-79d1-ae9b-5eeefc476578',
          userId: 'alice',
          amount: '4005',
          reason: 'insufficient-funds',
          decidedAt: '2026-11-23T01:07:40.198Z',
        },
      },
    ],
  },
};

interface Consumed {
  readonly by: string;
  readonly from: Publisher;
  readonly summary: string;
}

/** The consumers that are always on; a consumer's name is its group. */
const CONSUMED: readonly Consumed[] = [
  { by: 'payments.pay', from: 'orders', summary: 'Payments decides about each order, once.' },
  { by: 'orders.settle', from: 'payments', summary: 'Orders makes the order FINISHED or CANCELLED.' },
];

/**
 * Who sends and who receives.
 *
 * @param messages the names of the messages of each topic
 * @param namespace of the cluster; groups begin with it, too
 */
export function operationsOf(messages: Readonly<Record<Publisher, readonly string[]>>, namespace: string): Json {
  const refer = (channel: Publisher): Json => ({
    channel: { $ref: `#/channels/${channel}` },
    messages: messages[channel].map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
  });
  const sent = (Object.keys(messages) as Publisher[]).map((publisher) => [
    `${publisher}.tell`,
    { action: 'send', ...refer(publisher), summary: TOPICS[publisher].description },
  ]);
  const received = CONSUMED.map(({ by, from, summary }) => [
    by,
    {
      action: 'receive',
      ...refer(from),
      summary,
      bindings: {
        kafka: {
          groupId: { type: 'string', const: namespace === '' ? by : `${namespace}.${by}` },
          bindingVersion: KAFKA_BINDING,
        },
      },
    },
  ]);
  return Object.fromEntries([...sent, ...received]) as Json;
}
