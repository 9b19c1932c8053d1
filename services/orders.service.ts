import type { Context, ServiceBroker, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import { uuidv7 } from 'uuidv7';
import { doorAccess, loadConfig, type Config } from '../config/config.ts';
import { browseOrdersInput, type BrowsedOrders } from '../contract/browse.ts';
import {
  cursorAfterOrder,
  orderIdOfCursor,
  createOrderInput,
  listOrdersInput,
  showOrderInput,
} from '../contract/inputs.ts';
import { orderStatusesInput, type OrderChange } from '../contract/order-changes.ts';
import type { KnownDecisions, RepeatDecisionsInput } from '../contract/order-decisions.ts';
import type { Order as OrderAnswer, Page } from '../contract/outputs.ts';
import { cutPage } from '../contract/page.ts';
import { reconcileInput, type Reconciled } from '../contract/reconcile.ts';
import type { OrderStory, PaymentsStory } from '../contract/story.ts';
import { EVENT_TYPES } from '../events/catalogue.ts';
import type { ReceivedEvent } from '../events/event.ts';
import type { OrderCreated } from '../events/order-created.ts';
import { eventTopics } from '../events/topics.ts';
import { orderRoutes } from '../http/routes.ts';
import { orderMetricsOf } from '../metrics/order-metrics.ts';
import { Reading } from '../metrics/reading.ts';
import { writeMetricsOf } from '../metrics/write-metrics.ts';
import { batchingOf } from '../mixins/batching.ts';
import { database } from '../mixins/database.mixin.ts';
import { figures } from '../mixins/figures.mixin.ts';
import { GroupCommit, PostgresWriteStore } from '../mixins/group-commit.ts';
import { idempotencyKeys, submitCall } from '../mixins/idempotency-keys.mixin.ts';
import { idempotentConsumer, type ConsumingSchema } from '../mixins/idempotent-consumer.mixin.ts';
import { liveOrders } from '../mixins/live-orders.mixin.ts';
import { operatorReads, type OperatorReadsService } from '../mixins/operator-reads.mixin.ts';
import { outbox, type OutboxService } from '../mixins/outbox.mixin.ts';
import { reads, type ReadsService } from '../mixins/reads.mixin.ts';
import { rest } from '../mixins/rest.mixin.ts';
import { Repeated } from '../mixins/time/repeated.ts';
import { logsEachThing } from '../logs/each-thing.ts';
import { minorUnitsOf } from '../money/money.ts';
import { errorText } from '../problems/error-text.ts';
import { orderNotFound } from '../problems/unknown.ts';
import { continueTraces } from '../tracing/continue-traces.ts';
import { announceSettled } from './orders/announce-settled.ts';
import { browseOrders } from './orders/browse-orders.ts';
import { countOrders } from './orders/count-orders.ts';
import { createOrders } from './orders/create-orders.ts';
import { logSettled } from './orders/log-settled.ts';
import { ordersSchema } from './orders/schema.ts';
import { describeChange, describeOrder, placeOrder, type Order } from './orders/order.ts';
import { orderPage } from './orders/order-page.ts';
import { defineOrder, toOrder, type OrderRow } from './orders/order.model.ts';
import { PostgresOrderStore } from './orders/postgres-order-store.ts';
import { readSettled } from './orders/read-settled.ts';
import { logReconciled } from './orders/reconcile/log-reconciled.ts';
import { reconcileOrders, type ReconcileOptions } from './orders/reconcile/reconcile-orders.ts';
import { orderStory } from './orders/story/order-story.ts';
import { restoreOrders } from './orders/restore-orders.ts';
import { settleOrders, type PaymentDecided } from './orders/settle-orders.ts';

/** How long reconciling, and an operator, wait for payments: they can ask again. */
const ASK_TIMEOUT_MS = 5000;
/** An order that was just reconciled has this long to become final before it is looked after again. */
const MIN_PAUSE_MS = 60_000;

type Schema = ServiceSchema<ServiceSettingSchema, OrdersService> & ConsumingSchema<OrdersService>;

interface OrdersService extends OutboxService, OperatorReadsService, ReadsService<OrderRow> {
  creations: GroupCommit<Order, OrderAnswer>;
  reconciling: Repeated;
  reconcileOnce(options: ReconcileOptions): Promise<Reconciled>;
}

/**
 * Orders: accepts them, shows them, and makes them final as payments decides.
 *
 * What is written here is wiring; the decisions are in `orders/order.ts`.
 */
export function ordersService(config: Config): Schema {
  const topics = eventTopics(config.namespace);
  const { transactions, outbox: relaying } = batchingOf(config);
  const reconcileAfterMs = config.reconcileAfterS * 1000;
  return {
    name: 'orders',

    // They start from the last to the first, and stop from the first to the last.
    mixins: [
      rest({
        ...config.http,
        port: config.http.ordersPort,
        routes: orderRoutes,
        requestTimeoutMs: config.requestTimeoutMs,
        access: doorAccess(config.access),
      }),
      liveOrders({ requestTimeoutMs: config.requestTimeoutMs }),
      idempotentConsumer({
        kafka: config.kafka,
        namespace: config.namespace,
        paused: !config.consumes,
        ...transactions,
      }),
      outbox({
        directUrl: config.orders.directUrl,
        kafka: config.kafka,
        topic: topics.orders,
        events: EVENT_TYPES.orders,
        source: '/orders',
        ...relaying,
      }),
      reads(),
      operatorReads(config.orders),
      figures(),
      idempotencyKeys({ keepHours: config.idempotencyKeyHours }),
      database({ config: config.orders, migrations: ordersSchema }),
    ],

    consumes: {
      settle: {
        topic: topics.payments,
        events: EVENT_TYPES.payments,
        async handle(this: OrdersService, events: PaymentDecided[], { transaction, afterCommit }) {
          const settled = await settleOrders(events, {
            store: new PostgresOrderStore(transaction),
            now: new Date(),
          });
          afterCommit(() => {
            orderMetricsOf(this.broker).becameFinal(settled);
            announceSettled(settled, (name, payload) => this.broker.broadcast(name, payload));
            if (logsEachThing(this.broker)) logSettled(this.logger, settled, events);
          });
        },
      },

      /** After the database was restored: orders that it has lost, from their own events. */
      restore: {
        topic: topics.orders,
        events: EVENT_TYPES.orders,
        onlyReplayed: true,
        handle(this: OrdersService, events: ReceivedEvent<OrderCreated>[], { transaction }) {
          return restoreOrders(events, new PostgresOrderStore(transaction));
        },
      },
    },

    actions: {
      /** Accepts an order; whether it is paid is decided afterwards. */
      async create(this: OrdersService, ctx: Context): Promise<OrderAnswer> {
        const input = createOrderInput.parse(ctx.params);
        const order = placeOrder({ ...input, orderId: uuidv7(), amount: minorUnitsOf(input.amount) }, new Date());
        const answer = await submitCall(ctx, this.creations, input, order);
        this.logger.debug('An order is accepted.', { orderId: answer.orderId });
        return answer;
      },

      /** A user's orders, newest first. */
      async list(this: OrdersService, ctx: Context): Promise<Page<OrderAnswer>> {
        const input = listOrdersInput.parse(ctx.params);
        const rows = await this.findRows(orderPage(input, orderIdOfCursor(input)));
        const items = rows.map((row) => describeOrder(toOrder(row)));
        return cutPage(items, input.limit, ({ orderId }) => cursorAfterOrder(input, orderId));
      },

      /** One order. */
      async show(this: OrdersService, ctx: Context): Promise<OrderAnswer> {
        const { orderId } = showOrderInput.parse(ctx.params);
        const row = await this.findRow(orderId);
        if (row === null) throw orderNotFound(orderId);
        return describeOrder(toOrder(row));
      },

      /** Orders of all users, newest first: for operators. */
      browse: {
        visibility: 'public',
        handler(this: OrdersService, ctx: Context): Promise<BrowsedOrders> {
          const input = browseOrdersInput.parse(ctx.params);
          return browseOrders(input, (sql, values) => this.readForOperator(sql, values));
        },
      },

      /** Which of these orders are final, and what became of them: asked by doors with open streams. */
      statuses: {
        // No call of the REST contract.
        visibility: 'public',
        async handler(this: OrdersService, ctx: Context): Promise<OrderChange[]> {
          const { orderIds } = orderStatusesInput.parse(ctx.params);
          return (await readSettled(this.sequelize, orderIds)).map(describeChange);
        },
      },

      /** An order's way from its acceptance to its final state, step by step: for operators. */
      story: {
        visibility: 'public',
        handler(this: OrdersService, ctx: Context): Promise<OrderStory> {
          const { orderId } = showOrderInput.parse(ctx.params);
          return orderStory(orderId, {
            sequelize: this.sequelize,
            readOrder: async (transaction) => {
              const row = await this.model.findByPk(orderId, { transaction });
              return row === null ? null : describeOrder(toOrder(row));
            },
            findWaiting: (event) => this.findWaiting(event),
            askPayments: () =>
              this.broker.call<PaymentsStory, { orderId: string }>(
                'payments.story',
                { orderId },
                { timeout: ASK_TIMEOUT_MS },
              ),
          });
        },
      },

      /** Helps orders that are NEW for too long, by an operator's hand; the schedule does it by itself. */
      reconcile: {
        visibility: 'public',
        async handler(this: OrdersService, ctx: Context): Promise<Reconciled> {
          const { olderThanMs, after, dryRun, by, why } = reconcileInput.parse(ctx.params);
          this.logger.info(
            `Orders are reconciled${dryRun ? ', dry run' : ''}, by ${by ?? 'nobody named'}: ${why ?? 'no reason given'}.`,
          );
          return this.reconcileOnce({ olderThanMs: olderThanMs ?? reconcileAfterMs, after, dryRun, byHand: true });
        },
      },
    },

    methods: {
      reconcileOnce(this: OrdersService, options: ReconcileOptions): Promise<Reconciled> {
        return reconcileOrders(
          {
            sequelize: this.sequelize,
            firstPauseMs: reconcileAfterMs > MIN_PAUSE_MS ? reconcileAfterMs : MIN_PAUSE_MS,
            askPayments: (question) =>
              this.broker.call<KnownDecisions, RepeatDecisionsInput>('payments.repeatDecisions', question, {
                timeout: ASK_TIMEOUT_MS,
              }),
            addToOutbox: (events, transaction) => this.addToOutbox(events, { transaction }),
          },
          options,
        );
      },
    },

    created(this: OrdersService) {
      const counts = new Reading(() => countOrders(this.sequelize));
      orderMetricsOf(this.broker).counts.add(this.name, () => counts.get());
      this.model = defineOrder(this.sequelize);
      this.creations = new GroupCommit<Order, OrderAnswer>({
        what: 'order',
        observer: writeMetricsOf(this.broker).observer(this.name, 'order'),
        ...transactions,
        store: new PostgresWriteStore(this.sequelize),
        idOf: ({ orderId }) => orderId,
        write: (orders, { transaction, traceparentOf }) =>
          createOrders(orders, {
            store: new PostgresOrderStore(transaction),
            addToOutbox: (events) =>
              this.addToOutbox(events, {
                transaction,
                traceparentOf: continueTraces(orders, ({ orderId }) => orderId, traceparentOf),
              }),
          }),
      });
      this.reconciling = new Repeated({
        dueAfterMs: reconcileAfterMs,
        look: async () => {
          const asked = { olderThanMs: reconcileAfterMs, after: null, dryRun: false, byHand: false };
          logReconciled(await this.reconcileOnce(asked), this.logger);
        },
        onFailure: (error) => {
          this.logger.warn(`Orders were not reconciled: ${errorText(error)}`);
        },
      });
    },

    started(this: OrdersService) {
      if (reconcileAfterMs > 0 && config.consumes) this.reconciling.start();
      return Promise.resolve();
    },

    async stopped(this: OrdersService) {
      await this.reconciling.stop();
    },
  };
}

/** What moleculer-runner loads. */
export default (broker: ServiceBroker): unknown => broker.createService(ordersService(loadConfig(process.env)));
