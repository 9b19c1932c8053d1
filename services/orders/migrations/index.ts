import { orders } from './0001-orders.ts';

/** Every step of the orders schema, in order. */
export const ordersMigrations = [orders];
