/** Names that do not depend on the namespace, and topics that do. */
export interface Route {
  /** Of the consumer, and of its group. */
  readonly consumer: string;
  readonly groupId: string;
  readonly topic: string;
  readonly aggregateType: string;
}

export interface Routes {
  /** `order.created`, from orders to payments. */
  readonly toPayments: Route;
  /** Decisions, from payments to orders. */
  readonly toOrders: Route;
}
