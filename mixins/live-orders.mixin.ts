import type { Context, Service, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import { ORDERS_SETTLED, type OrderChange, type OrdersSettled } from '../contract/order-changes.ts';
import { openStreamsOf } from '../metrics/stream-metrics.ts';
import { LiveOrders, type LiveOrdersOptions } from '../http/live/live-orders.ts';

export interface LiveOrdersMixinOptions extends Omit<LiveOrdersOptions, 'askSettled' | 'logger' | 'onOpenStreams'> {
  /** How long the question about missed changes may take. */
  readonly requestTimeoutMs: number;
}

/** What the mixin gives to its service. */
export interface LiveOrdersService extends Service {
  /** The streams that clients of this service's door have open. */
  liveOrders: LiveOrders;
}

/**
 * Lets the REST door of a service stream what becomes of orders. List it right after `rest`, which ends the streams before
 * it waits for its other requests.
 */
export function liveOrders(options: LiveOrdersMixinOptions): Partial<ServiceSchema> {
  const mixin: Partial<ServiceSchema<ServiceSettingSchema, LiveOrdersService>> = {
    events: {
      [ORDERS_SETTLED](this: LiveOrdersService, ctx: Context<OrdersSettled>) {
        this.liveOrders.take(ctx.params.orders);
      },
    },
    created(this: LiveOrdersService) {
      const openStreams = openStreamsOf(this.broker);
      openStreams.set({ service: this.name }, 0);
      this.liveOrders = new LiveOrders({
        ...options,
        onOpenStreams: (count) => {
          openStreams.set({ service: this.name }, count);
        },
        logger: this.logger,
        askSettled: (orderIds) =>
          // Not tracked: a node that stops need not wait for the answer.
          this.broker.call<OrderChange[], { orderIds: string[] }>(
            'orders.statuses',
            { orderIds },
            { timeout: options.requestTimeoutMs, tracking: false },
          ),
      });
    },
    started(this: LiveOrdersService) {
      this.liveOrders.start();
      return Promise.resolve();
    },
    stopped(this: LiveOrdersService) {
      this.liveOrders.end();
      return Promise.resolve();
    },
  };
  return mixin as Partial<ServiceSchema>;
}
