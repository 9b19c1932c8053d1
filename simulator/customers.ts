import type { Answered } from '../mixins/group-commit.ts';
import type { IdempotencyKey } from '../mixins/idempotency-keys/idempotency-key.ts';
import { placeOrder } from '../services/orders/order.ts';
import type { SimulatedNode } from './nodes/node.ts';
import { ProcessClock } from './process-clock.ts';
import { Process } from './scheduler.ts';
import type { World } from './world.ts';

/** How long a customer waits for an answer, and between two attempts. */
const PATIENCE_MS = 3000;
const RETRY_PAUSE_MS = 200;
const THINK_MS = 400;
/** Each customer does this much, if the run lets them. */
const ORDERS_EACH = 12;
const DEPOSIT_MAX = 2000;

/** Who has an account from the beginning, and who opens one later, or never. */
const WITH_ACCOUNT = ['ann', 'bob', 'carl'];
const WITHOUT_ACCOUNT = ['dora'];

/** An order or deposit that was answered: from now on it has to be there. */
export interface AcceptedOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly amount: bigint;
}

/** Customers: they order and pay in, and ask again under the same key when they get no answer. */
export class Customers {
  readonly orders: AcceptedOrder[] = [];
  /** Ids of ledger entries whose deposits were answered. */
  readonly deposits: { readonly key: string; readonly userId: string; readonly amount: bigint }[] = [];
  /** Nothing new is begun; what is asked is asked until it is answered. */
  isClosing = false;
  #busy = 0;
  readonly #world: World;
  readonly #process = new Process('customers');
  readonly #clock: ProcessClock;

  constructor(world: World) {
    this.#world = world;
    this.#clock = new ProcessClock(world.scheduler, this.#process);
    const now = new Date(this.#clock.epochMs());
    for (const userId of WITH_ACCOUNT) {
      world.payments.accounts.rows.set(userId, { userId, balance: 0n, version: 0, createdAt: now, updatedAt: now });
    }
    for (const userId of [...WITH_ACCOUNT, ...WITHOUT_ACCOUNT]) {
      this.#start(this.#buy(userId));
      this.#start(this.#buy(userId));
      this.#start(this.#payIn(userId));
    }
  }

  get areDone(): boolean {
    return this.#busy === 0;
  }

  #start(work: Promise<void>): void {
    this.#busy++;
    void work.finally(() => {
      this.#busy--;
    });
  }

  async #buy(userId: string): Promise<void> {
    const { random } = this.#world.scheduler;
    for (let number = 0; number < ORDERS_EACH; number++) {
      await this.#pause(random.below(THINK_MS));
      if (this.isClosing) return;
      const amount = 3n ** BigInt(number % 7);
      const key = this.#world.dice.oneIn(8) ? null : this.#newKey(`orders.create ${userId}`);
      const answered = await this.#insist('orders', key, (node, attempt) => {
        const input = { orderId: this.#world.newId(), userId, amount, description: key?.key ?? null };
        const order = placeOrder(input, new Date(node.clock.epochMs()));
        return node.orders.submit(order, { key: attempt, deadline: node.clock.now() + PATIENCE_MS });
      });
      if (answered === null) continue;
      this.#world.count('order accepted');
      if (answered.replayed) this.#world.count('answer replayed');
      this.orders.push({ orderId: answered.answer.orderId, userId, amount });
    }
  }

  async #payIn(userId: string): Promise<void> {
    const { random } = this.#world.scheduler;
    for (let number = 0; number < ORDERS_EACH / 2; number++) {
      await this.#pause(random.below(2 * THINK_MS));
      if (this.isClosing) return;
      const amount = BigInt(1 + random.below(DEPOSIT_MAX));
      const key = this.#newKey(`payments.deposit ${userId}`);
      const answered = await this.#insist('payments', key, (node, attempt) =>
        node.deposits.submit(
          { entryId: this.#world.newId(), userId, amount },
          { key: attempt, deadline: node.clock.now() + PATIENCE_MS },
        ),
      );
      if (answered === null) continue;
      this.#world.count('deposit accepted');
      this.deposits.push({ key: key.key, userId, amount });
    }
  }

  /** Asks until there is an answer; without a key, once. @returns null when it was refused, or nobody knows */
  async #insist<Answer>(
    service: 'orders' | 'payments',
    key: IdempotencyKey | null,
    submit: (node: SimulatedNode, key: IdempotencyKey | null) => Promise<Answered<Answer>>,
  ): Promise<Answered<Answer> | null> {
    for (;;) {
      const attempt = key && { ...key, attempt: this.#world.newId() };
      const outcome = await this.#ask(service, (node) => submit(node, attempt));
      if (outcome.kind === 'answered') return outcome.answered;
      if (outcome.kind === 'refused' || key === null) return null;
      this.#world.count('asked again');
      await this.#pause(RETRY_PAUSE_MS);
    }
  }

  #ask<Answer>(
    service: 'orders' | 'payments',
    submit: (node: SimulatedNode) => Promise<Answered<Answer>>,
  ): Promise<Outcome<Answer>> {
    const { scheduler } = this.#world;
    return new Promise((resolve) => {
      const end = (outcome: Outcome<Answer>): void => {
        scheduler.add(this.#process, 'a customer gets an answer', () => {
          resolve(outcome);
        });
      };
      scheduler.add(this.#process, `a customer asks ${service}`, () => {
        const node = scheduler.random.pick(this.#world.nodesOf(service));
        if (!node.process.isAlive) {
          end({ kind: 'again' });
          return;
        }
        if (node.process.isStopped) return;
        submit(node).then(
          (answered) => {
            end({ kind: 'answered', answered });
          },
          (error: unknown) => {
            end({ kind: isRefusal(error) ? 'refused' : 'again' });
          },
        );
      });
      void this.#pause(PATIENCE_MS + RETRY_PAUSE_MS).then(() => {
        resolve({ kind: 'again' });
      });
    });
  }

  #newKey(scope: string): IdempotencyKey {
    return { scope, key: this.#world.newId(), fingerprint: 'the same', attempt: '' };
  }

  #pause(ms: number): Promise<void> {
    return this.#clock.pause(ms, new AbortController().signal);
  }
}

type Outcome<Answer> =
  | { readonly kind: 'answered'; readonly answered: Answered<Answer> }
  | { readonly kind: 'refused' }
  | { readonly kind: 'again' };

/** An answer that another attempt would not change. */
function isRefusal(error: unknown): boolean {
  const { type } = error as { type?: unknown };
  return type === 'account-not-found' || type === 'balance-limit';
}
