import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'moleculer';
import { ORDERS_SETTLED, type OrderChange, type OrdersSettled } from '../contract/order-changes.ts';
import type { ReplCall, ReplCommand } from './command.ts';
import { duration } from './print-table.ts';
import { readSeconds } from './read-typed.ts';

/** Lines that wait to be shown; more than that nobody reads. */
const MAX_WAITING = 2000;
const SHOW_EVERY_MS = 100;
const TYPES: Readonly<Record<string, OrderChange['status']>> = { finished: 'FINISHED', cancelled: 'CANCELLED' };

/** `tail`: the event by which nodes tell each other what became final, as it comes. */
export const tail: ReplCommand = {
  name: 'tail',
  description: 'follows orders as they become final; Ctrl-C ends it',
  usage: [
    '[--for <seconds>] [--json]      all of them',
    'finished                        only those that were paid',
    'cancelled                       only those that were not',
  ],
  options: {
    for: { value: 'seconds', description: 'ends by itself after so long; until Ctrl-C' },
    json: { description: 'each order as a JSON document in a line' },
  },
  async run(call) {
    const { broker, words, values, switches } = call;
    const [type, ...more] = words;
    if (more.length > 0 || (type !== undefined && TYPES[type] === undefined)) {
      throw new Error(
        `tail has no ${words.join(' ')}: ${Object.keys(TYPES).join(' or ')}, or nothing for all of them.`,
      );
    }
    const seconds = readSeconds('for', values['for']);
    if (seconds === null && call.onInterrupt === null) {
      throw new Error('There is no Ctrl-C without a terminal: say how long, tail --for <seconds>.');
    }
    const tailed = new Tailed(call, type === undefined ? null : (TYPES[type] ?? null));
    // A node hears what one of its services listens to.
    const listener = broker.createService({
      name: 'tail',
      events: {
        [ORDERS_SETTLED]: (ctx: Context<OrdersSettled>) => {
          tailed.take(ctx.params.orders);
        },
      },
    });
    const began = performance.now();
    const over = new AbortController();
    const letGo = call.onInterrupt?.(() => {
      over.abort();
    });
    try {
      if (!switches.has('json')) call.print(`Following${seconds === null ? '; Ctrl-C ends it' : ` for ${seconds} s`}.`);
      const left = (): number => (seconds === null ? SHOW_EVERY_MS : began + seconds * 1000 - performance.now());
      while (!over.signal.aborted && left() > 0) {
        await sleep(Math.min(SHOW_EVERY_MS, left()), null, { signal: over.signal }).catch(() => undefined);
        if (!process.stdout.writableNeedDrain) tailed.show();
      }
    } finally {
      letGo?.();
      await broker.destroyService(listener);
      tailed.show();
    }
    if (!switches.has('json')) call.print(tailed.summary(performance.now() - began));
  },
};

/** What came and is not shown yet, never more than a bound. */
class Tailed {
  readonly #call: ReplCall;
  readonly #status: OrderChange['status'] | null;
  #waiting: OrderChange[] = [];
  #leftOut = 0;
  #finished = 0;
  #cancelled = 0;

  constructor(call: ReplCall, status: OrderChange['status'] | null) {
    this.#call = call;
    this.#status = status;
  }

  take(changes: readonly OrderChange[]): void {
    for (const change of changes) {
      if (this.#status !== null && change.status !== this.#status) continue;
      if (change.status === 'FINISHED') this.#finished++;
      else this.#cancelled++;
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(change);
      else this.#leftOut++;
    }
  }

  show(): void {
    const { print, switches } = this.#call;
    const isJson = switches.has('json');
    if (this.#waiting.length > 0) {
      print(this.#waiting.map((change) => (isJson ? JSON.stringify(change) : lineOf(change))).join('\n'));
    }
    if (this.#leftOut > 0) {
      print(
        isJson
          ? JSON.stringify({ leftOut: this.#leftOut })
          : `  … ${this.#leftOut} more came faster than they could be shown.`,
      );
    }
    this.#waiting = [];
    this.#leftOut = 0;
  }

  summary(tookMs: number): string {
    return `${this.#finished} finished, ${this.#cancelled} cancelled in ${duration(tookMs)}.`;
  }
}

function lineOf({ updatedAt, status, orderId, reason }: OrderChange): string {
  const arrow = status === 'FINISHED' ? '-->' : '--x';
  return `${updatedAt}  ${arrow}  ${status.padEnd('CANCELLED'.length)}  ${orderId}${reason === null ? '' : `  ${reason}`}`;
}
