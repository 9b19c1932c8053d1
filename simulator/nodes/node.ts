import type { Logger } from '../../kafka/client.ts';
import { GroupCommit } from '../../mixins/group-commit.ts';
import type { Account, Order as OrderAnswer } from '../../contract/outputs.ts';
import { createOrders } from '../../services/orders/create-orders.ts';
import type { Order } from '../../services/orders/order.ts';
import { bookDeposits } from '../../services/payments/book-deposits.ts';
import type { DepositRequest } from '../../services/payments/payment.ts';
import type { FaultDice } from '../fault-dice.ts';
import { ProcessClock } from '../process-clock.ts';
import { Process, type Scheduler } from '../scheduler.ts';
import type { Transaction } from '../store/database.ts';
import { SimulatedLedgerStore } from '../store/ledger-store.ts';
import { SimulatedOrderStore } from '../store/order-store.ts';
import { addToSimulatedOutbox } from '../store/outbox.ts';
import { SimulatedWriteStore } from '../store/write-store.ts';
import { consume } from './consuming.ts';
import type { NodeParts, SimulatedService } from './node-parts.ts';
import { relay } from './relaying.ts';

/** Nobody reads a simulated node's log. */
const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

/** What nodes of one world have in common. */
export interface NodeWorld {
  readonly scheduler: Scheduler;
  readonly dice: FaultDice;
  readonly lanes: number;
  readonly bus: { readonly isDown: boolean };
  readonly refused: ReadonlySet<string>;
  readonly count: (what: string) => void;
  readonly newId: () => string;
}

/** A node: a process that dies and comes back, and what it does. Wired as `services/*.service.ts` wire the product. */
export class SimulatedNode {
  readonly name: string;
  readonly service: SimulatedService;
  readonly #world: NodeWorld;
  #starts = 0;
  #parts: NodeParts;
  /** Somebody committed events. */
  #wakeRelay: () => void = () => undefined;
  orders: GroupCommit<Order, OrderAnswer, Transaction>;
  deposits: GroupCommit<DepositRequest, Account, Transaction>;

  constructor(name: string, service: SimulatedService, world: NodeWorld) {
    this.name = name;
    this.service = service;
    this.#world = world;
    this.#parts = this.#newParts();
    this.orders = this.#groupOrders();
    this.deposits = this.#groupDeposits();
    this.#begin();
  }

  get process(): Process {
    return this.#parts.process;
  }

  get clock(): ProcessClock {
    return this.#parts.clock;
  }

  get isUp(): boolean {
    return this.process.isAlive && !this.process.isStopped;
  }

  /** As SIGKILL: memory is gone, connections end. */
  crash(): void {
    const { process, service } = this.#parts;
    if (!process.isAlive) return;
    process.isAlive = false;
    service.database.endSessionsOf(process);
    for (const end of process.onDeath) end();
  }

  restart(): void {
    if (this.process.isAlive) return;
    this.#parts = this.#newParts();
    this.orders = this.#groupOrders();
    this.deposits = this.#groupDeposits();
    this.#begin();
  }

  /** As SIGSTOP: the world goes on, answers lie unread. */
  stop(): void {
    this.process.isStopped = true;
  }

  goOn(): void {
    const { process, scheduler } = this.#parts;
    process.isStopped = false;
    for (const settle of process.held.splice(0)) {
      scheduler.add(process, 'reads what came while it was stopped', () => {
        process.deliver(settle);
      });
    }
  }

  notify(): void {
    const { process, scheduler } = this.#parts;
    scheduler.add(process, 'is notified', () => {
      process.deliver(() => {
        this.#wakeRelay();
      });
    });
  }

  #newParts(): NodeParts {
    const { scheduler, dice, lanes, bus, refused, count, newId } = this.#world;
    const process = new Process(`${this.name}#${++this.#starts}`);
    const { service } = this;
    return {
      service,
      process,
      clock: new ProcessClock(scheduler, process),
      scheduler,
      dice,
      lanes,
      publishing: { scheduler, process, dice, topic: service.output, source: `/${service.name}`, bus, refused },
      logger: silentLogger,
      count,
      newId,
    };
  }

  #begin(): void {
    const { process, scheduler } = this.#parts;
    const parts = this.#parts;
    this.#wakeRelay = () => undefined;
    scheduler.add(process, 'starts', () => {
      this.#wakeRelay = relay(parts);
      consume(parts);
    });
  }

  #groupOrders(): GroupCommit<Order, OrderAnswer, Transaction> {
    const { service, process, clock } = this.#parts;
    const { database } = service;
    return new GroupCommit<Order, OrderAnswer, Transaction>({
      what: 'order',
      store: new SimulatedWriteStore(database, process),
      write: (orders, { transaction }) =>
        createOrders(orders, {
          store: new SimulatedOrderStore(database, transaction),
          addToOutbox: (events) => addToSimulatedOutbox(database, service.outbox, events, transaction),
        }),
      clock,
      now: () => clock.now(),
    });
  }

  #groupDeposits(): GroupCommit<DepositRequest, Account, Transaction> {
    const { service, process, clock } = this.#parts;
    const { database } = service;
    return new GroupCommit<DepositRequest, Account, Transaction>({
      what: 'deposit',
      store: new SimulatedWriteStore(database, process),
      write: (requests, { transaction, again }) =>
        bookDeposits(requests, {
          store: new SimulatedLedgerStore(database, transaction),
          again,
          now: new Date(clock.epochMs()),
        }),
      clock,
      now: () => clock.now(),
    });
  }
}
