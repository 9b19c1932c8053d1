import type { Post } from '../../shop/day.ts';
import { isOutcomeUnknown, isSuccess, type Answer } from '../../shop/shop-client.ts';
import type { Write } from './account-history.ts';
import { moneyOf, readFields, textOf, type Fields } from './read-json.ts';
import type { Violation } from './violation.ts';

export interface Judgement {
  readonly outcome: Write['outcome'];
  readonly violations: readonly Violation[];
}

/** What was so when the request went out. */
export interface Circumstances {
  /** An opening of this account had been answered 201. */
  readonly wasOpen: boolean;
  /** The account was asked for under another key as well. */
  readonly hasRival: boolean;
}

/**
 * What an answer to a post says about the post, and whether it may be said. Pure.
 *
 * @param write as it was before this answer
 */
export function judgeAnswer(write: Write, answer: Answer, circumstances: Circumstances): Judgement {
  const outcome = outcomeOf(write.post, answer, circumstances);
  if (outcome === 'unknown') return { outcome: write.outcome, violations: [] };
  if (outcome === 'forbidden') {
    const what = `${write.post.call} was answered ${answer.status}, which nothing explains: ${answer.body}`;
    return { outcome: 'refused', violations: [violation('contract', what, write)] };
  }
  if (write.outcome === 'unknown') {
    const violations = outcome === 'done' ? checkFirst(write, answer) : [];
    return { outcome, violations };
  }
  return { outcome: write.outcome, violations: checkLater(write, outcome, answer) };
}

function outcomeOf(post: Post, answer: Answer, { wasOpen, hasRival }: Circumstances): Write['outcome'] | 'forbidden' {
  if (isSuccess(post, answer)) return 'done';
  // 503 and 429 did nothing, and 409 tells of an attempt on its way: all of them ask to come again.
  if (isOutcomeUnknown(answer) || answer.status === 503 || answer.status === 429) return 'unknown';
  const type = textOf(readFields(answer.body)['type']);
  if (answer.status === 409 && type.endsWith('/idempotency-key-in-use')) return 'unknown';
  const mayBeRefused =
    (post.call === 'open' && type.endsWith('/account-exists') && hasRival) ||
    (post.call === 'deposit' && type.endsWith('/account-not-found') && !wasOpen);
  return mayBeRefused ? 'refused' : 'forbidden';
}

function checkFirst(write: Write, answer: Answer): Violation[] {
  const { post } = write;
  const fields = readFields(answer.body);
  return repeats(post, fields)
    ? []
    : [
        violation(
          'contract',
          `${post.call} was answered with something else than was asked for: ${answer.body}`,
          write,
        ),
      ];
}

function repeats(post: Post, fields: Fields): boolean {
  if (fields['userId'] !== post.userId) return false;
  switch (post.call) {
    case 'open':
      return moneyOf(fields['balance']) === 0n;
    case 'deposit':
      return (moneyOf(fields['balance']) ?? -1n) >= post.amount;
    case 'order':
      return (
        textOf(fields['orderId']) !== '' &&
        moneyOf(fields['amount']) === post.amount &&
        fields['description'] === post.description &&
        fields['status'] === 'NEW'
      );
  }
}

/** I7: what was answered once is answered the same again. What was refused kept nothing, and may be done later. */
function checkLater(write: Write, outcome: 'done' | 'refused', answer: Answer): Violation[] {
  if (write.outcome === 'refused') return [];
  if (outcome === 'refused') {
    return [violation('I7', `${write.post.call} was done, and a repeat was answered ${answer.status}`, write)];
  }
  const same = write.first?.body === answer.body && write.first.location === answer.location;
  if (same) return [];
  const what = `two answers under one key differ: ${write.first?.body ?? ''} and ${answer.body}`;
  return [violation('I7', what, write)];
}

function violation(invariant: string, what: string, { key, account }: Write): Violation {
  return { invariant, what, ids: { key, userId: account.userId } };
}
