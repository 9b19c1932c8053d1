import { orders } from './0001-orders.ts';
import { ordersByStatus } from './0002-orders-by-status.ts';
import { reconciledOrders } from './0003-reconciled-orders.ts';
import { cancelledOrders } from './0004-cancelled-orders.ts';

/** Every step of the orders schema, in order. */
export const ordersMigrations = [orders, ordersByStatus, reconciledOrders, cancelledOrders];
