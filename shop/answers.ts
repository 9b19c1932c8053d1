import { minorUnitsFromNumberSource } from '../money/money.ts';
import type { PlaceOrder, Post } from './day.ts';
import { isOutcomeUnknown, isSuccess, type Answer } from './shop-client.ts';

/** What the gateway has promised: its answers to the day's posts, read exactly. Pure. */

export interface PlayedPost {
  readonly post: Post;
  /** `performance.now()` when it went out. */
  readonly postedAt: number;
  readonly answer: Answer;
}

/** A deposit that was answered 200, with what the answer said about the account. */
export interface AnsweredDeposit {
  readonly userId: string;
  /** Minor units. */
  readonly amount: bigint;
  /** Minor units. */
  readonly balanceAfter: bigint;
  readonly version: number;
}

export interface DayAnswers {
  /** Whose account was opened. */
  readonly opened: ReadonlySet<string>;
  readonly deposits: readonly AnsweredDeposit[];
  /** By order id: what was asked for. */
  readonly orders: ReadonlyMap<string, PlaceOrder>;
  /** Posts that were not answered well and may have had their effect all the same. */
  readonly unknown: readonly Post[];
  /** Answers that say something else than was asked for: the post, and the answer. */
  readonly contradictions: readonly string[];
}

/** Sorts the answers of a day by what they promise. */
export function readAnswers(played: readonly PlayedPost[]): DayAnswers {
  const opened = new Set<string>();
  const deposits: AnsweredDeposit[] = [];
  const orders = new Map<string, PlaceOrder>();
  const unknown: Post[] = [];
  const contradictions: string[] = [];
  for (const { post, answer } of played) {
    if (!isSuccess(post, answer)) {
      if (isOutcomeUnknown(answer)) unknown.push(post);
      continue;
    }
    const fields = readFields(answer.body);
    if (!repeats(post, fields) || (post.call === 'order' && orders.has(String(fields['orderId'])))) {
      contradictions.push(`${post.call} of ${post.userId}: ${answer.body}`);
    }
    if (post.call === 'open') opened.add(post.userId);
    if (post.call === 'order') orders.set(String(fields['orderId']), post);
    if (post.call === 'deposit') {
      const { userId, amount } = post;
      deposits.push({
        userId,
        amount,
        balanceAfter: money(fields['balance']) ?? -1n,
        version: Number(fields['version']),
      });
    }
  }
  return { opened, deposits, orders, unknown, contradictions };
}

/** An answer's fields; numbers as the text that stood there, so that no amount passes through a double. */
function readFields(body: string): Readonly<Record<string, unknown>> {
  try {
    const fields = JSON.parse(body, (_key, value: unknown, { source }) => (typeof value === 'number' ? source : value));
    return typeof fields === 'object' && fields !== null ? { ...fields } : {};
  } catch {
    return {};
  }
}

function money(value: unknown): bigint | null {
  return typeof value === 'string' ? minorUnitsFromNumberSource(value) : null;
}

function repeats(post: Post, fields: Readonly<Record<string, unknown>>): boolean {
  if (fields['userId'] !== post.userId) return false;
  switch (post.call) {
    case 'open':
      return money(fields['balance']) === 0n;
    case 'deposit':
      return (money(fields['balance']) ?? -1n) >= post.amount;
    case 'order':
      return (
        typeof fields['orderId'] === 'string' &&
        money(fields['amount']) === post.amount &&
        fields['description'] === post.description &&
        fields['status'] === 'NEW'
      );
  }
}
