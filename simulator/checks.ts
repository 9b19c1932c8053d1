import type { Order } from '../services/orders/order.ts';
import type { LedgerEntry, Payment, StoredAccount } from '../services/payments/payment.ts';
import type { StoredRecord, Topic } from './bus/topic.ts';
import type { DeadLetter, InboxRow, ServiceDatabase, StoredMessage } from './store/service-database.ts';
import type { Write } from './store/table.ts';

/** What must never be so, by its name in docs/simulator.md. */
export interface Violation {
  readonly invariant: string;
  readonly what: string;
}

/** An event from the commit that wrote it to the outbox. */
interface Tracked {
  readonly eventId: string;
  readonly id: number;
  readonly commit: number;
  isPublished: boolean;
}

/** What is known about one service's events. */
interface Outgoing {
  readonly byEvent: Map<string, Tracked>;
  readonly byKey: Map<string, Tracked[]>;
}

/** What the world knows beside what the tables say. */
export interface Known {
  /** Ids of events that somebody else put into a topic: no service wrote them. */
  readonly foreign: ReadonlySet<string>;
}

/** Holds every change against the invariants, at the moment at which it becomes visible. */
export class Checks {
  violation: Violation | null = null;
  readonly #known: Known;
  readonly #outgoing = { orders: newOutgoing(), payments: newOutgoing() };
  readonly #settled = { orders: new Set<string>(), payments: new Set<string>() };
  readonly #places = { orders: new Set<string>(), payments: new Set<string>() };
  /** Up to here a partition's committed positions have been looked at, by group. */
  readonly #checkedTo = new Map<string, number>();
  readonly #ordersOfKey = new Map<string, string>();
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #spentOn = new Map<string, LedgerEntry>();
  #commits = 0;

  constructor(known: Known) {
    this.#known = known;
  }

  /** Something is wrong; the first finding counts. */
  violated(invariant: string, what: string): void {
    this.violation ??= { invariant, what };
  }

  onOrdersCommit(database: ServiceDatabase, payments: ServiceDatabase, writes: readonly Write[]): void {
    this.#commits++;
    const created: string[] = [];
    for (const { table, before, after } of writes) {
      if (table !== (database.orders as unknown)) continue;
      if (before === undefined) {
        created.push((after as Order).orderId);
        this.#onOrder(after as Order);
      } else this.#onOrderChange(before as Order, after as Order | undefined, payments);
    }
    const announced = addedEvents(database, writes, 'order.created');
    for (const orderId of created) {
      if (!announced.has(orderId)) this.violated('I8', `order ${orderId} was created without its event`);
    }
    for (const orderId of announced.keys()) {
      if (!database.orders.rows.has(orderId)) {
        this.violated('I8', `an event tells of order ${orderId}, which is not there`);
      }
    }
    this.#onMixinTables('orders', database, writes);
  }

  onPaymentsCommit(database: ServiceDatabase, writes: readonly Write[]): void {
    this.#commits++;
    const announced = addedEvents(database, writes, 'payment.');
    for (const { table, key, before, after } of writes) {
      if (table === (database.entries as unknown)) {
        this.#onEntry(before as LedgerEntry | undefined, after as LedgerEntry);
      }
      if (table !== (database.payments as unknown)) continue;
      if (before !== undefined) this.violated('I3', `the decision about order ${key} was changed`);
      if (!announced.has(key)) this.violated('I8', `the decision about order ${key} was made without its event`);
    }
    for (const { table, after } of writes) {
      if (table === (database.accounts as unknown)) this.#onAccount(database, after as StoredAccount);
      if (table === (database.payments as unknown)) this.#onDecision(after as Payment);
    }
    for (const [orderId, type] of announced) {
      const payment = database.payments.rows.get(orderId);
      if (payment === undefined || `payment.${payment.status}` !== type) {
        this.violated('I8', `an event says ${type} of order ${orderId}, and payments does not`);
      }
    }
    this.#onMixinTables('payments', database, writes);
  }

  onAppend(service: 'orders' | 'payments', { headers, key }: StoredRecord): void {
    const eventId = headers['ce_id'] ?? '';
    if (this.#known.foreign.has(eventId)) return;
    const { byEvent, byKey } = this.#outgoing[service];
    const event = byEvent.get(eventId);
    if (event === undefined) {
      this.violated('I8', `event ${eventId} was published, and its change is not committed`);
      return;
    }
    if (event.isPublished) return;
    event.isPublished = true;
    const overtaken = byKey
      .get(key)
      ?.find((other) => !other.isPublished && other.id < event.id && other.commit < event.commit);
    if (overtaken !== undefined) {
      this.violated('order', `event ${eventId} overtook ${overtaken.eventId} of the same key`);
    }
  }

  /** A group says how far it is: everything before has to be settled. */
  onPosition(service: 'orders' | 'payments', topic: Topic, partition: number, offset: number): void {
    const name = `${topic.name}/${partition}`;
    const from = this.#checkedTo.get(name) ?? 0;
    for (const record of topic.partitions[partition]?.slice(from, offset) ?? []) {
      const eventId = record.headers['ce_id'] ?? '';
      const isSettled =
        this.#known.foreign.has(eventId) ||
        this.#settled[service].has(eventId) ||
        this.#places[service].has(`${name}/${record.offset}`);
      if (!isSettled) {
        this.violated('offsets', `${name} was committed up to ${offset}, and record ${record.offset} is not settled`);
      }
    }
    this.#checkedTo.set(name, Math.max(from, offset));
  }

  #onOrder({ orderId, description }: Order): void {
    if (description === null) return;
    const earlier = this.#ordersOfKey.get(description);
    if (earlier !== undefined) this.violated('I7', `key ${description} made two orders: ${earlier} and ${orderId}`);
    this.#ordersOfKey.set(description, orderId);
  }

  #onOrderChange(before: Order, after: Order | undefined, payments: ServiceDatabase): void {
    const { orderId } = before;
    if (after === undefined) this.violated('I6', `order ${orderId} was deleted`);
    else if (before.status !== 'NEW') this.violated('I4', `order ${orderId} was ${before.status} and changed`);
    else {
      const payment = payments.payments.rows.get(orderId);
      const fits =
        payment !== undefined &&
        payment.userId === after.userId &&
        payment.amount === after.amount &&
        payment.reason === after.reason &&
        (payment.status === 'completed') === (after.status === 'FINISHED') &&
        after.version === before.version + 1;
      if (!fits) {
        this.violated('I5', `order ${orderId} became ${after.status}; payments say ${payment?.status ?? 'nothing'}`);
      }
    }
  }

  #onEntry(before: LedgerEntry | undefined, entry: LedgerEntry): void {
    const { userId, version, entryId, orderId } = entry;
    if (before !== undefined) this.violated('I9', `entry ${version} of ${userId} was written twice`);
    const twin = this.#entries.get(entryId);
    if (twin !== undefined) {
      this.violated('I7', `entry ${entryId} is in the ledger twice, at ${twin.version} and ${version}`);
    }
    this.#entries.set(entryId, entry);
    if (orderId === null) return;
    if (this.#spentOn.has(orderId)) this.violated('I3', `order ${orderId} was charged twice`);
    this.#spentOn.set(orderId, entry);
  }

  #onAccount(database: ServiceDatabase, { userId, balance, version }: StoredAccount): void {
    if (balance < 0n) this.violated('I2', `the balance of ${userId} is ${balance}`);
    let sum = 0n;
    for (let at = 1; at <= version; at++) {
      const entry = database.entries.rows.get(`${userId}/${at}`);
      if (entry === undefined) {
        this.violated('I9', `${userId} is at version ${version} and has no entry ${at}`);
        return;
      }
      sum += entry.amount;
      if (entry.balanceAfter !== sum) {
        this.violated('I9', `entry ${at} of ${userId} says ${entry.balanceAfter}, not ${sum}`);
      }
    }
    if (database.entries.rows.has(`${userId}/${version + 1}`)) {
      this.violated('I9', `${userId} has more entries than its version ${version}`);
    }
    if (sum !== balance) this.violated('I1', `the balance of ${userId} is ${balance}, its entries make ${sum}`);
  }

  #onDecision({ orderId, status, amount, userId }: Payment): void {
    const entry = this.#spentOn.get(orderId);
    const isCharged = entry !== undefined && entry.amount === -amount && entry.userId === userId;
    if (status === 'completed' ? !isCharged : entry !== undefined) {
      this.violated('I5', `order ${orderId} is ${status}, and its ledger entry does not say so`);
    }
  }

  #onMixinTables(service: 'orders' | 'payments', database: ServiceDatabase, writes: readonly Write[]): void {
    for (const { table, key, before, after } of writes) {
      if (table === (database.inbox as unknown) && after !== undefined) {
        this.#settled[service].add((after as InboxRow).eventId);
      } else if (table === (database.deadLetters as unknown) && after !== undefined) {
        this.#onDeadLetter(service, key, after as DeadLetter);
      } else if (table === (database.outbox as unknown)) {
        if (after !== undefined) this.#onOutboxRow(service, after as StoredMessage);
        else if (before !== undefined) this.#onOutboxRowGone(service, database, key, before as StoredMessage);
      }
    }
  }

  #onDeadLetter(service: 'orders' | 'payments', place: string, { message, poison }: DeadLetter): void {
    this.#places[service].add(place);
    const isForeign = message.eventId === null || this.#known.foreign.has(message.eventId);
    if (isForeign || poison.reason === 'killed-the-process') return;
    this.violated('dead letters', `${place} was parked although nothing is wrong with it: ${poison.error}`);
  }

  #onOutboxRow(service: 'orders' | 'payments', { eventId, id, partitionKey }: StoredMessage): void {
    const { byEvent, byKey } = this.#outgoing[service];
    if (byEvent.has(eventId)) return;
    const tracked = { eventId, id, commit: this.#commits, isPublished: false };
    byEvent.set(eventId, tracked);
    const ofKey = byKey.get(partitionKey);
    if (ofKey === undefined) byKey.set(partitionKey, [tracked]);
    else ofKey.push(tracked);
  }

  #onOutboxRowGone(
    service: 'orders' | 'payments',
    database: ServiceDatabase,
    key: string,
    { eventId }: StoredMessage,
  ): void {
    const isPublished = this.#outgoing[service].byEvent.get(eventId)?.isPublished === true;
    if (isPublished || database.outboxParked.rows.has(key)) return;
    this.violated('I8', `event ${eventId} left the outbox of ${service}, and is not in the topic`);
  }
}

function newOutgoing(): Outgoing {
  return { byEvent: new Map(), byKey: new Map() };
}

/** @returns the aggregates of which these writes add an event to the outbox, with its type */
function addedEvents(database: ServiceDatabase, writes: readonly Write[], type: string): Map<string, string> {
  const added = new Map<string, string>();
  for (const { table, before, after } of writes) {
    if (table !== (database.outbox as unknown) || before !== undefined || after === undefined) continue;
    const row = after as StoredMessage;
    if (row.type.startsWith(type)) added.set(row.aggregateId, row.type);
  }
  return added;
}
