import { Group } from './bus/group.ts';
import { Topic } from './bus/topic.ts';
import { Checks } from './checks.ts';
import { FaultDice } from './fault-dice.ts';
import { SimulatedNode } from './nodes/node.ts';
import { ordersService, paymentsService } from './nodes/services.ts';
import { Scheduler } from './scheduler.ts';
import { ServiceDatabase } from './store/service-database.ts';
import type { Write } from './store/table.ts';

/** Few, so that events meet in them. */
const PARTITIONS = 3;
const LANES = 4;

/** Two services of two nodes each, their databases, and the bus between them. */
export class World {
  readonly scheduler: Scheduler;
  readonly dice: FaultDice;
  readonly checks: Checks;
  /** How often what has happened. */
  readonly counts = new Map<string, number>();
  readonly bus = { isDown: false };
  /** Events that the brokers refuse. */
  readonly refused = new Set<string>();
  /** Events in the topics that no service wrote. */
  readonly foreign = new Set<string>();
  readonly orders: ServiceDatabase;
  readonly payments: ServiceDatabase;
  readonly topics: { readonly orders: Topic; readonly payments: Topic };
  readonly groups: { readonly settle: Group; readonly pay: Group };
  readonly nodes: readonly SimulatedNode[];
  #ids = 0;

  constructor(seed: number) {
    this.scheduler = new Scheduler(seed);
    this.dice = new FaultDice(this.scheduler, this.count);
    this.checks = new Checks({ foreign: this.foreign });
    this.orders = this.#database('orders', (writes) => {
      this.checks.onOrdersCommit(this.orders, this.payments, writes);
    });
    this.payments = this.#database('payments', (writes) => {
      this.checks.onPaymentsCommit(this.payments, writes);
    });
    this.topics = { orders: this.#topic('orders'), payments: this.#topic('payments') };
    this.groups = {
      settle: this.#group('orders', 'orders.settle', this.topics.payments),
      pay: this.#group('payments', 'payments.pay', this.topics.orders),
    };
    this.nodes = this.#startNodes();
  }

  readonly count = (what: string): void => {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  };

  /** A UUID that no other has, and whose order says nothing about its age. */
  readonly newId = (): string => {
    const { random } = this.scheduler;
    const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
    const tail = `${hex(random.below(0x10000), 4)}${hex(++this.#ids, 8)}`;
    return `${hex(random.below(2 ** 32), 8)}-0000-7000-8000-${tail}`;
  };

  nodesOf(service: 'orders' | 'payments'): SimulatedNode[] {
    return this.nodes.filter((node) => node.service.name === service);
  }

  #database(name: 'orders' | 'payments', onCommit: (writes: readonly Write[]) => void): ServiceDatabase {
    const database: ServiceDatabase = new ServiceDatabase(name, this.scheduler, this.dice, {
      count: this.count,
      onCommit: (writes) => {
        onCommit(writes);
        const isNews = writes.some(({ table, after }) => table === (database.outbox as unknown) && after !== undefined);
        if (isNews && !this.dice.hits('notification lost')) for (const node of this.nodesOf(name)) node.notify();
      },
    });
    return database;
  }

  #topic(service: 'orders' | 'payments'): Topic {
    return new Topic(`${service}.events`, PARTITIONS, (record) => {
      this.checks.onAppend(service, record);
    });
  }

  #group(service: 'orders' | 'payments', name: string, topic: Topic): Group {
    return new Group(name, PARTITIONS, this.scheduler, {
      count: this.count,
      onCommit: (partition, offset) => {
        this.checks.onPosition(service, topic, partition, offset);
      },
    });
  }

  #startNodes(): SimulatedNode[] {
    const { scheduler, dice, bus, refused, count, newId, topics, groups } = this;
    const world = { scheduler, dice, bus, refused, count, newId, lanes: LANES };
    const orders = ordersService({
      ...{ database: this.orders, output: topics.orders, input: topics.payments, group: groups.settle },
      ...{ lanes: LANES, newId },
    });
    const payments = paymentsService({
      ...{ database: this.payments, output: topics.payments, input: topics.orders, group: groups.pay },
      ...{ lanes: LANES, newId },
    });
    return [orders, payments].flatMap((service) =>
      [1, 2].map((slot) => new SimulatedNode(`${service.name}-${slot}`, service, world)),
    );
  }
}
