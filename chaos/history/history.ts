import type { Answer } from '../../shop/shop-client.ts';
import type { AccountHistory, OrderHistory, OrderStatus, Write } from './account-history.ts';
import { judgeAnswer } from './judge-answer.ts';
import { readFields, textOf } from './read-json.ts';
import { ViolationLog } from './violation.ts';

/** A request as the report counts it; times are `Date.now()`. */
export interface RequestSpan {
  readonly sentAtMs: number;
  readonly endedAtMs: number;
  /** It was answered, by whatever the contract has for it when nothing is away. */
  readonly isGood: boolean;
}

/** Remembers what was asked, answered and seen: what the checks need in memory, everything in what it notes. */
export class History {
  readonly accounts: AccountHistory[] = [];
  readonly orders = new Map<string, OrderHistory>();
  /** The orders' ids in order of their answers. */
  readonly orderIds: string[] = [];
  readonly violations = new ViolationLog();
  readonly spans: RequestSpan[] = [];
  /** Answers by call and status; 0 is none. */
  readonly byStatus: Record<string, number> = {};
  readonly #unknown = new Set<Write>();
  readonly #askedAgain = new Set<Write>();
  readonly #open = new Map<string, OrderHistory>();
  /** Takes a line for each request, and what else is worth one. */
  readonly note: (line: Readonly<Record<string, unknown>>) => void;

  constructor(note: (line: Readonly<Record<string, unknown>>) => void) {
    this.note = note;
  }

  /** Posts of which nobody knows yet whether they were done. */
  get unknown(): ReadonlySet<Write> {
    return this.#unknown;
  }

  /** Orders that were answered 201 and have not been seen to be final. */
  get notFinal(): ReadonlyMap<string, OrderHistory> {
    return this.#open;
  }

  /** Posts that were sent again because nobody knew. */
  get askedAgain(): number {
    return this.#askedAgain.size;
  }

  /** A post that is about to be sent for the first time. */
  asked(write: Write): void {
    write.account.writes.push(write);
    this.#unknown.add(write);
  }

  /**
   * What came back for one sending of a post.
   *
   * @returns whether it is known by this answer, and only now, that the post was done
   */
  answered(write: Write, answer: Answer, sentAtMs: number, wasOpen: boolean): boolean {
    const { account, post } = write;
    const hasRival =
      post.call === 'open' && account.writes.some((other) => other !== write && other.post.call === 'open');
    const before = write.outcome;
    const { outcome, violations } = judgeAnswer(write, answer, { wasOpen, hasRival });
    this.violations.add(...violations);
    write.outcome = outcome;
    if (outcome === 'unknown') this.#askedAgain.add(write);
    else this.#unknown.delete(write);
    // 409 is the good answer to a post whose twin is on its way.
    const isGood = outcome === 'refused' || answer.status === 409;
    this.count(post.call, answer, sentAtMs, isGood, { key: write.key, userId: post.userId });
    if (outcome !== 'done' || before === 'done') return false;
    this.#done(write, answer);
    return true;
  }

  /** Counts any request, and writes it down. */
  count(what: string, answer: Answer, sentAtMs: number, isGood: boolean, ids: Readonly<Record<string, string>>): void {
    const { status, body, tookMs } = answer;
    const counter = `${what} ${status}`;
    this.byStatus[counter] = (this.byStatus[counter] ?? 0) + 1;
    this.spans.push({ sentAtMs, endedAtMs: sentAtMs + tookMs, isGood: isGood || (status >= 200 && status < 300) });
    this.note({ at: sentAtMs, what, ...ids, status, tookMs: Math.round(tookMs), body });
  }

  /**
   * An order as somebody saw it. I4: what has been final is final for ever, and stays what it was.
   *
   * @param askedAtMs when they asked: who asked before the change may be told of what was before
   */
  sawOrder(orderId: string, status: OrderStatus, reason: string | null, askedAtMs: number, by: string): void {
    const order = this.orders.get(orderId);
    if (order === undefined) return;
    if (order.finalAtMs !== null) {
      const isOther = status === 'NEW' ? askedAtMs > order.finalAtMs : isDifferent(order, status, reason);
      if (isOther) this.#changed(order, status, reason, by);
      return;
    }
    if (status === 'NEW') return;
    order.status = status;
    order.reason = reason;
    order.finalAtMs = Date.now();
    this.#open.delete(orderId);
  }

  #done(write: Write, answer: Answer): void {
    const { account, post } = write;
    const fields = readFields(answer.body);
    write.first = { body: answer.body, location: answer.location };
    if (post.call === 'open') account.isOpen = true;
    if (post.call === 'deposit') account.hasMoney = true;
    if (post.call !== 'order') {
      account.version = Math.max(account.version, Number(fields['version']));
      return;
    }
    const orderId = textOf(fields['orderId']);
    const twin = this.orders.get(orderId);
    if (twin !== undefined) {
      const ids = { orderId, key: write.key, otherKey: twin.write.key };
      this.violations.add({ invariant: 'I7', what: 'two keys were answered with one order', ids });
      return;
    }
    const answeredAtMs = Date.now();
    const order: OrderHistory = { orderId, write, answeredAtMs, status: 'NEW', reason: null, finalAtMs: null };
    this.orders.set(orderId, order);
    this.orderIds.push(orderId);
    this.#open.set(orderId, order);
  }

  #changed(order: OrderHistory, status: OrderStatus, reason: string | null, by: string): void {
    const was = `${order.status} ${order.reason ?? ''}`.trim();
    const what = `an order that was ${was} is ${`${status} ${reason ?? ''}`.trim()}, says ${by}`;
    this.violations.add({ invariant: 'I4', what, ids: { orderId: order.orderId, userId: order.write.post.userId } });
  }
}

function isDifferent(order: OrderHistory, status: OrderStatus, reason: string | null): boolean {
  return order.status !== status || order.reason !== reason;
}
