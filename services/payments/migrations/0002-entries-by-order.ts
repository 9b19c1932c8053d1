import type { Migration } from '../../../mixins/database.mixin.ts';

/**
 * The ledger entries of an order, for the audit: without it nobody can ask whether a completed payment has its entry but
 * by reading the whole ledger. Order ids are UUIDv7, so that it grows at one end; deposits are not in it.
 *
 * Built inside the migrations' transaction, so that a crash leaves no invalid index behind. A ledger that is much larger
 * than a million entries wants it by CREATE INDEX CONCURRENTLY, under this name, before the first node of this version
 * starts.
 */
export const entriesByOrder: Migration = {
  name: 'payments-0002-entries-by-order',
  up: 'CREATE INDEX IF NOT EXISTS ledger_entries_by_order ON ledger_entries (order_id) WHERE order_id IS NOT NULL',
};
