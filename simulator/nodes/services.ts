import { EventSchemas } from '../../events/envelope.ts';
import type { ReceivedEvent } from '../../events/event.ts';
import { orderCreated, type OrderCreated } from '../../events/order-created.ts';
import { paymentCompleted, paymentRejected } from '../../events/payment-decided.ts';
import { settleOrders, type PaymentDecided } from '../../services/orders/settle-orders.ts';
import { payOrders } from '../../services/payments/pay-orders.ts';
import type { Group } from '../bus/group.ts';
import type { Topic } from '../bus/topic.ts';
import { SimulatedLedgerStore } from '../store/ledger-store.ts';
import { SimulatedOrderStore } from '../store/order-store.ts';
import { addToSimulatedOutbox } from '../store/outbox.ts';
import type { ServiceDatabase } from '../store/service-database.ts';
import type { SimulatedService } from './node-parts.ts';

// Compiled once for all runs of a process.
const ORDER_EVENTS = new EventSchemas([orderCreated]);
const PAYMENT_EVENTS = new EventSchemas([paymentCompleted, paymentRejected]);

export interface ServiceWorld {
  readonly database: ServiceDatabase;
  readonly output: Topic;
  readonly input: Topic;
  readonly group: Group;
  readonly lanes: number;
  readonly newId: () => string;
}

/** As `services/orders.service.ts` wires it. */
export function ordersService({ database, output, input, group, lanes, newId }: ServiceWorld): SimulatedService {
  return {
    name: 'orders',
    database,
    outbox: { schemas: ORDER_EVENTS, lanes, newEventId: newId },
    output,
    input: {
      consumer: 'settle',
      topic: input,
      group,
      schemas: PAYMENT_EVENTS,
      async handle(events, transaction, { clock }) {
        await settleOrders(events as PaymentDecided[], {
          store: new SimulatedOrderStore(database, transaction),
          now: new Date(clock.epochMs()),
        });
      },
    },
  };
}

/** As `services/payments.service.ts` wires it. */
export function paymentsService({ database, output, input, group, lanes, newId }: ServiceWorld): SimulatedService {
  const outbox = { schemas: PAYMENT_EVENTS, lanes, newEventId: newId };
  return {
    name: 'payments',
    database,
    outbox,
    output,
    input: {
      consumer: 'pay',
      topic: input,
      group,
      schemas: ORDER_EVENTS,
      handle: (events, transaction, { clock }) =>
        payOrders(events as ReceivedEvent<OrderCreated>[], {
          store: new SimulatedLedgerStore(database, transaction),
          addToOutbox: (added) => addToSimulatedOutbox(database, outbox, added, transaction),
          now: new Date(clock.epochMs()),
          newEntryId: newId,
        }),
    },
  };
}
