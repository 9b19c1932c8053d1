import { ORDERS_SETTLED, type OrdersSettled } from '../../contract/order-changes.ts';
import { describeChange, type Order } from './order.ts';

/** A change takes under 220 bytes as JSON: that many stay under the 900 KB that one message of a call carries. */
const MAX_ORDERS_PER_BROADCAST = 4000;

/**
 * Tells every node with open streams which orders became final: one broadcast for a batch, more only where a message
 * could not carry it. To be called after the commit. Whoever misses it asks `orders.statuses`.
 */
export function announceSettled(
  settled: readonly Order[],
  broadcast: (event: string, payload: OrdersSettled) => unknown,
): void {
  for (let first = 0; first < settled.length; first += MAX_ORDERS_PER_BROADCAST) {
    const orders = settled.slice(first, first + MAX_ORDERS_PER_BROADCAST).map(describeChange);
    broadcast(ORDERS_SETTLED, { orders });
  }
}
