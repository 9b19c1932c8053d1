import type { Logger } from '../../kafka/client.ts';
import { traceIdOf } from '../../tracing/tracer.ts';
import type { Order } from './order.ts';
import type { PaymentDecided } from './settle-orders.ts';

/** A line for each order that became final: which one and how, and in whose trace; never whose, or how much. */
export function logSettled(
  logger: Pick<Logger, 'debug'>,
  orders: readonly Order[],
  events: readonly PaymentDecided[],
): void {
  const traces = new Map(events.map(({ data, traceparent }) => [data.orderId, traceparent]));
  for (const { orderId, status, reason } of orders) {
    logger.debug(`An order is ${status}.`, {
      orderId,
      ...(reason !== null && { reason }),
      ...traceIdOf(traces.get(orderId) ?? null),
    });
  }
}
