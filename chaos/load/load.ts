import { setTimeout as sleep } from 'node:timers/promises';
import { jsonBody } from '../../shop/day.ts';
import { SeededRandom } from '../../shop/random.ts';
import { PATHS } from '../../shop/shop-client.ts';
import type { AccountHistory, Write } from '../history/account-history.ts';
import { HistoryFile } from '../history/history-file.ts';
import { History } from '../history/history.ts';
import { Doors, type Gateway } from './doors.ts';
import { Pace } from './pace.ts';
import { Population } from './population.ts';
import { followOrder, readAccount, readEntries, readOrder, readOrders, type Reader } from './reads.ts';
import { Retries } from './retries.ts';
import { Seconds } from './seconds.ts';
import { SettlementWatch } from './settlement-watch.ts';

export interface LoadOptions {
  readonly gateways: readonly Gateway[];
  /** Read only: when orders become final. */
  readonly ordersUrl: string;
  readonly seed: number;
  /** Begins the ids of users and keys. */
  readonly runId: string;
  /** JSON lines, a line for each request. */
  readonly historyFile: string;
  readonly maxPerSecond: number;
}

/** Requests that wait for their answer at most. */
const MAX_IN_FLIGHT = 128;
const TICK_MS = 20;
const SECOND_MS = 1000;
/** Of 100 requests. The rest are orders. */
const DEPOSIT_PERCENT = 8;
const REPEAT_PERCENT = 6;
const READ_ORDER_PERCENT = 20;
const READ_ACCOUNT_PERCENT = 8;
const READ_PAGES_PERCENT = 6;
/** Of 100 posts, how many are sent twice at once under one key. */
const TWIN_PERCENT = 5;
/** Of 100 openings, how many meet another one of the same account. */
const RIVAL_PERCENT = 5;
/** Of 100 orders, how many are followed by an event stream. */
const STREAM_PERCENT = 3;
/** Of 100 reads of orders, how many ask for one that was just made. */
const RECENT_PERCENT = 50;
const RECENT_ORDERS = 50;
/** Half a minute on two cores of its own; a machine that others share takes its time. */
const PREPARE_TIMEOUT_MS = 300_000;
const PREPARE_PAUSE_MS = 100;
/** Accounts are opened faster than orders come: nothing is broken yet, and nothing else runs. */
const PREPARE_HURRY = 3;

/** An open-ended mix of requests by seed, through all gateways, as long as it runs. Unknown outcomes are asked for again. */
export class Load {
  readonly history: History;
  readonly historyFile: HistoryFile;
  readonly seconds: Seconds;
  readonly #options: LoadOptions;
  readonly #random: SeededRandom;
  readonly #doors: Doors;
  readonly #reader: Reader;
  readonly #population: Population;
  readonly #pace: Pace;
  readonly #watch: SettlementWatch;
  readonly #retries = new Retries();
  readonly #timers: NodeJS.Timeout[] = [];
  #inFlight = 0;
  #isPrepared = false;
  #isStopping = false;
  #tickedAtMs = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.historyFile = new HistoryFile(options.historyFile);
    this.history = new History((line) => {
      this.historyFile.write(line);
    });
    this.seconds = new Seconds(this.history);
    this.#doors = new Doors(options.gateways, MAX_IN_FLIGHT);
    this.#reader = { history: this.history, doors: this.#doors };
    this.#population = new Population(this.#random, options.runId, this.history.accounts);
    this.#pace = new Pace(options.maxPerSecond);
    this.#watch = new SettlementWatch(options.ordersUrl, this.history);
  }

  /** Orders that were answered 201 and have not been seen to be final. */
  ordersInFlight(): number {
    return this.history.notFinal.size;
  }

  requestsInFlight(): number {
    return this.#inFlight;
  }

  get perSecond(): number {
    return this.#isStopping ? 0 : this.#pace.perSecond;
  }

  start(): void {
    this.#watch.start();
    this.#tickedAtMs = Date.now();
    const second = (): void => {
      this.#pace.adapt(this.seconds.end().medianMs);
    };
    this.#timers.push(setInterval(this.#tick.bind(this), TICK_MS), setInterval(second, SECOND_MS));
  }

  /**
   * Waits until there are accounts with money.
   *
   * @throws Error when they do not come
   */
  async prepared(signal: AbortSignal): Promise<void> {
    const deadlineMs = Date.now() + PREPARE_TIMEOUT_MS;
    while (!this.#population.isReady) {
      if (Date.now() > deadlineMs) throw new Error('The accounts of the campaign could not be opened.');
      if (signal.aborted) throw new Error('The campaign was ended before its accounts were there.');
      await sleep(PREPARE_PAUSE_MS);
    }
    this.#isPrepared = true;
  }

  /**
   * Sends nothing new, and goes on asking for what is unknown.
   *
   * @returns when everything is known, or after `limitMs`
   */
  async resolve(limitMs: number): Promise<void> {
    this.#isStopping = true;
    const deadlineMs = Date.now() + limitMs;
    while (this.history.unknown.size + this.#inFlight > 0 && Date.now() < deadlineMs) await sleep(TICK_MS);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#watch.stop();
    this.#doors.close();
    await this.historyFile.close();
  }

  #tick(): void {
    const now = Date.now();
    const due = this.#pace.due((now - this.#tickedAtMs) * (this.#isPrepared ? 1 : PREPARE_HURRY));
    this.#tickedAtMs = now;
    for (let each = 0; (each < due || this.#isStopping) && this.#inFlight < MAX_IN_FLIGHT; each++) {
      const again = this.#retries.next(now);
      if (again !== undefined) void this.#attempt(again);
      else if (this.#isStopping) return;
      else this.#something();
    }
  }

  #something(): void {
    const opening = this.#population.nextOpening();
    if (opening !== undefined) {
      this.#open(opening);
      return;
    }
    let roll = this.#random.below(100);
    const hits = (percent: number): boolean => (roll -= percent) < 0;
    if (hits(DEPOSIT_PERCENT)) this.#post(this.#population.someDeposit());
    else if (hits(REPEAT_PERCENT)) this.#repeat();
    else if (hits(READ_ORDER_PERCENT)) this.#readOrder();
    else if (hits(READ_ACCOUNT_PERCENT)) this.#read(readAccount);
    else if (hits(READ_PAGES_PERCENT)) this.#read(this.#random.below(2) === 0 ? readEntries : readOrders);
    else this.#post(this.#population.someOrder());
  }

  #open(account: AccountHistory): void {
    this.#post(this.#population.openingOf(account));
    if (this.#chance(RIVAL_PERCENT)) this.#post(this.#population.openingOf(account));
  }

  #post(write: Write | undefined): void {
    if (write === undefined) return;
    this.history.asked(write);
    void this.#attempt(write);
    if (this.#chance(TWIN_PERCENT)) void this.#attempt(write);
  }

  /** A post that was answered is sent again: it gets its first answer. */
  #repeat(): void {
    const { writes } = this.#random.pick(this.history.accounts);
    const done = writes.filter(({ outcome }) => outcome === 'done');
    if (done.length > 0) void this.#attempt(this.#random.pick(done));
  }

  #readOrder(): void {
    const ids = this.history.orderIds;
    if (ids.length === 0) return;
    const index = this.#chance(RECENT_PERCENT)
      ? ids.length - 1 - this.#random.below(Math.min(RECENT_ORDERS, ids.length))
      : this.#random.below(ids.length);
    void this.#counted(() => readOrder(this.#reader, this.#door(), ids[index] ?? ''));
  }

  #read(read: (reader: Reader, door: number, account: AccountHistory) => Promise<unknown>): void {
    const account = this.#random.pick(this.history.accounts);
    void this.#counted(() => read(this.#reader, this.#door(), account));
  }

  async #attempt(write: Write): Promise<void> {
    const { post, key, account } = write;
    write.attempts += 1;
    const { isOpen } = account;
    const sentAtMs = Date.now();
    const body = jsonBody(post);
    const answer = await this.#counted(() => this.#doors.send(this.#door(), 'POST', PATHS[post.call], { body, key }));
    const isNews = this.history.answered(write, answer, sentAtMs, isOpen);
    if (write.outcome === 'unknown') this.#retries.add(write, Date.now());
    if (!isNews) return;
    if (post.call === 'open' && !this.#isStopping) this.#post(this.#population.firstDeposit(account));
    const orderId = this.history.orderIds.at(-1);
    if (post.call === 'order' && orderId !== undefined && this.#chance(STREAM_PERCENT)) {
      void followOrder(this.#reader, this.#door(), orderId);
    }
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
    }
  }

  #door(): number {
    return this.#random.below(this.#options.gateways.length);
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }
}
