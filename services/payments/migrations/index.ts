import { ledger } from './0001-ledger.ts';
import { entriesByOrder } from './0002-entries-by-order.ts';

/** Every step of the payments schema, in order. */
export const paymentsMigrations = [ledger, entriesByOrder];
