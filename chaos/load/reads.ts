import { openStream } from '../../test/support/event-stream.ts';
import type { AccountHistory } from '../history/account-history.ts';
import type { History } from '../history/history.ts';
import { isAnswered, itemsOf, judgeAccount, judgeEntries, judgeOrder, seenOrder } from '../history/judge-read.ts';
import { readFields } from '../history/read-json.ts';
import type { Doors } from './doors.ts';

/** The reads of a campaign: each one asks, and hands what it saw to the history. */

const PAGE = 20;
/** Longer than an order takes while nothing is broken; a stream that hangs for a fault is left. */
const STREAM_MS = 20_000;

export interface Reader {
  readonly history: History;
  readonly doors: Doors;
}

export async function readOrder({ history, doors }: Reader, door: number, orderId: string): Promise<number> {
  const askedAtMs = Date.now();
  const answer = await doors.send(door, 'GET', `/api/orders/${orderId}`);
  const { seen, violations } = judgeOrder(orderId, answer);
  history.violations.add(...violations);
  history.count('read order', answer, askedAtMs, isAnswered(answer), { orderId });
  if (seen !== null) history.sawOrder(orderId, seen.status, seen.reason, askedAtMs, 'GET order');
  return answer.tookMs;
}

export async function readAccount({ history, doors }: Reader, door: number, account: AccountHistory): Promise<number> {
  const { isOpen, version, userId } = account;
  const askedAtMs = Date.now();
  const answer = await doors.send(door, 'GET', `/api/payments/accounts/${userId}`);
  history.violations.add(...judgeAccount(account, { isOpen, version }, answer));
  history.count('read account', answer, askedAtMs, isAnswered(answer), { userId });
  if (answer.status === 200) sawVersion(account, Number(readFields(answer.body)['version']));
  return answer.tookMs;
}

export async function readEntries({ history, doors }: Reader, door: number, account: AccountHistory): Promise<number> {
  const { isOpen, version, userId } = account;
  const askedAtMs = Date.now();
  const answer = await doors.send(door, 'GET', `/api/payments/accounts/${userId}/entries?limit=${PAGE}`);
  history.violations.add(...judgeEntries(account, { isOpen, version }, answer));
  history.count('read entries', answer, askedAtMs, isAnswered(answer), { userId });
  if (answer.status === 200) sawVersion(account, Number(itemsOf(answer)[0]?.['version'] ?? 0));
  return answer.tookMs;
}

export async function readOrders({ history, doors }: Reader, door: number, account: AccountHistory): Promise<number> {
  const { userId } = account;
  const askedAtMs = Date.now();
  const answer = await doors.send(door, 'GET', `/api/orders?userId=${userId}&limit=${PAGE}`);
  history.count('read orders', answer, askedAtMs, isAnswered(answer), { userId });
  for (const { orderId, status, reason } of itemsOf(answer).map(seenOrder)) {
    history.sawOrder(orderId, status, reason, askedAtMs, 'GET orders');
  }
  return answer.tookMs;
}

/** Follows an order until its stream ends, or it takes too long. */
export async function followOrder({ history, doors }: Reader, door: number, orderId: string): Promise<void> {
  const gateway = doors.gateways[door % doors.gateways.length];
  if (gateway === undefined) return;
  const askedAtMs = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, STREAM_MS, null);
    timer.unref();
  });
  try {
    const opening = openStream(gateway.port, `/api/orders/${orderId}/events`);
    opening.catch(() => undefined);
    const stream = await Promise.race([opening, tooLate]);
    if (stream === null) return;
    await Promise.race([stream.ended.catch(() => undefined), tooLate]);
    const messages = stream.messages();
    stream.leave();
    history.note({ at: askedAtMs, what: 'stream', orderId, status: stream.status, messages: messages.length });
    messages
      .map(({ data }) => seenOrder(data))
      .forEach(({ status, reason }) => {
        history.sawOrder(orderId, status, reason, askedAtMs, 'its event stream');
      });
    judgeStream(
      history,
      orderId,
      messages.map(({ id }) => Number(id)),
    );
  } catch {
    // Its gateway is away.
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing is told twice, and nothing older follows. */
function judgeStream(history: History, orderId: string, versions: readonly number[]): void {
  if (versions.every((version, index) => index === 0 || version > (versions[index - 1] ?? 0))) return;
  const what = `an event stream told the versions ${versions.join(', ')}`;
  history.violations.add({ invariant: 'I4', what, ids: { orderId } });
}

function sawVersion(account: AccountHistory, version: number): void {
  account.version = Math.max(account.version, version);
}
