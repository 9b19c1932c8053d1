import { Type } from '@sinclair/typebox';
import { defineInput } from './define-input.ts';
import type { Order } from './outputs.ts';
import { orderId, type Value } from './values.ts';

/**
 * How nodes tell each other that orders became final: an event for those who listen just then, and an action to ask for
 * what was missed. Neither is part of the REST contract.
 */

/** Broadcast once for each settled batch, after its commit. It may be lost: `orders.statuses` covers that. */
export const ORDERS_SETTLED = 'orders.settled';

/** What changed of an order. The rest of it never changes, and whoever shows it has read it. */
export type OrderChange = Pick<Order, 'orderId' | 'status' | 'reason' | 'version' | 'updatedAt'>;

/** Payload of `ORDERS_SETTLED`. */
export interface OrdersSettled {
  readonly orders: readonly OrderChange[];
}

/** Ids of one `orders.statuses`: question and answer stay under 200 KB, of the 900 KB that a call carries. */
export const STATUSES_MAX_ORDERS = 1000;
const NO_LIST = `This is a list of at most ${STATUSES_MAX_ORDERS} order ids, as the answers to creating the orders gave them.`;

/** Up to `STATUSES_MAX_ORDERS` ids. */
export const orderIds: Value<readonly string[]> = {
  schema: Type.Array(orderId.schema, { maxItems: STATUSES_MAX_ORDERS }),
  check(value) {
    if (!Array.isArray(value) || value.length > STATUSES_MAX_ORDERS) return { ok: false, detail: NO_LIST };
    const checked = value.map(orderId.check);
    const ids = checked.flatMap((each) => (each.ok ? each.value : []));
    return ids.length === checked.length ? { ok: true, value: ids } : { ok: false, detail: NO_LIST };
  },
};

export const orderStatusesInput = defineInput<{ readonly orderIds: readonly string[] }>('body', { orderIds });
