import type { CrashMarker, Parked } from '../../mixins/inbox/inbox-store.ts';
import type { KeptKey } from '../../mixins/idempotency-keys/key-table.ts';
import type { ParkReason } from '../../mixins/outbox/relay.ts';
import type { OutboxRow } from '../../mixins/outbox/outbox-row.ts';
import type { Order } from '../../services/orders/order.ts';
import type { Payment, StoredAccount, StoredEntry } from '../../services/payments/payment.ts';
import { Database } from './database.ts';
import { LaneLocks } from './lane-locks.ts';
import { Table } from './table.ts';

/** A row of `inbox`. */
export interface InboxRow {
  readonly eventId: string;
  readonly payloadHash: Buffer;
  readonly attempts: number;
  readonly duplicates: number;
}

/** A row of `dead_letters`, under the place of its record. */
export interface DeadLetter extends Parked {
  readonly id: number;
}

/** A row of `outbox`. */
export interface StoredMessage extends OutboxRow {
  readonly id: number;
  readonly createdAtMs: number;
}

/** A row of `outbox_parked`. */
export interface ParkedMessage extends StoredMessage {
  readonly reason: ParkReason;
}

/** A service's database: the mixins' tables, and those of both services. */
export class ServiceDatabase extends Database {
  readonly inbox = new Table<InboxRow>('inbox');
  readonly deadLetters = new Table<DeadLetter>('dead_letters');
  readonly markers = new Table<CrashMarker>('crash_markers');
  readonly keys = new Table<KeptKey>('idempotency_keys');
  readonly outbox = new Table<StoredMessage>('outbox');
  readonly outboxParked = new Table<ParkedMessage>('outbox_parked');
  readonly orders = new Table<Order>('orders');
  readonly accounts = new Table<StoredAccount>('accounts');
  readonly entries = new Table<StoredEntry>('ledger_entries');
  readonly payments = new Table<Payment>('payments');
  readonly laneLocks = new LaneLocks();

  /** Every relay's session ends: the server is gone. */
  endLaneSessions(): void {
    for (const member of [...this.laneLocks.members]) member.endAtServer('the server stopped');
  }
}
