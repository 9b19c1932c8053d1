import { ledger } from './0001-ledger.ts';

/** Every step of the payments schema, in order. */
export const paymentsMigrations = [ledger];
