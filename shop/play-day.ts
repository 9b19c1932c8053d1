import { readAnswers, type PlayedPost } from './answers.ts';
import { planDay, userIdRange, type Day, type Post } from './day.ts';
import { ProgressBar, type ProgressStream } from '../terminal/progress-bar.ts';
import { closeDatabases, openDatabases, reconcile, type Reconciliation } from './reconcile.ts';
import { waitUntilSettled, type Settlement } from './settlement.ts';
import { ShopClient } from './shop-client.ts';

/** Where the system is that the day is played on. */
export interface System {
  /** The gateway, for example `http://localhost:8080`. */
  readonly apiUrl: string;
  readonly ordersUrl: string;
  readonly paymentsUrl: string;
}

export interface PlayOptions {
  readonly system: System;
  readonly users: number;
  readonly orders: number;
  /** How many posts wait for their answer at any time. */
  readonly inFlight: number;
  /** The same seed plans the same day. */
  readonly seed: number;
  /** Where the progress goes. */
  readonly stream: ProgressStream;
  /** For `NO_COLOR` and `TERM`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface PlayedDay {
  readonly day: Day;
  readonly seed: number;
  readonly inFlight: number;
  readonly played: readonly PlayedPost[];
  readonly settlement: Settlement;
  readonly reconciliation: Reconciliation;
  /** `performance.now()` when the doors opened, when the last post went out, and when the last answer had come. */
  readonly openedAt: number;
  readonly lastPostAt: number;
  readonly lastAnswerAt: number;
}

/**
 * Plays a day of a shop through the gateway, waits until its orders are final, and checks the databases.
 *
 * @throws Error when the databases cannot be asked; what the gateway answers is never thrown, but part of the result
 */
export async function playDay(options: PlayOptions): Promise<PlayedDay> {
  const { system, inFlight, seed } = options;
  const day = planDay({ ...options, runId: newRunId() });
  const client = new ShopClient(system.apiUrl, inFlight);
  const databases = openDatabases(system.ordersUrl, system.paymentsUrl);
  try {
    const postAll = (title: string, posts: readonly Post[]) => postInParallel(client, title, posts, options);
    const opened = await postAll('Accounts', day.openings);
    const paidIn = await postAll('Deposits', day.firstDeposits);
    const openedAt = performance.now();
    const course = await postAll('Orders  ', day.course);
    const lastAnswerAt = performance.now();
    const lastPostAt = Math.max(...course.map(({ postedAt }) => postedAt));
    const settlement = await waitUntilSettled(databases.orders, userIdRange(day.runId), lastPostAt);
    const played = [...opened, ...paidIn, ...course];
    const reconciliation = await reconcile(databases, day, readAnswers(played));
    return { day, seed, inFlight, played, settlement, reconciliation, openedAt, lastPostAt, lastAnswerAt };
  } finally {
    client.close();
    await closeDatabases(databases);
  }
}

/** Time, and a little chance for two that begin together. */
function newRunId(): string {
  const chance = Math.floor(Math.random() * 36 ** 3);
  return Date.now().toString(36) + chance.toString(36).padStart(3, '0');
}

/** Each line of customers is served one after the other; `inFlight` lines share the posts. */
async function postInParallel(
  client: ShopClient,
  title: string,
  posts: readonly Post[],
  { inFlight, stream, env }: PlayOptions,
): Promise<PlayedPost[]> {
  const bar = new ProgressBar(stream, env, title, posts.length);
  const played: PlayedPost[] = [];
  const next = posts.values();
  const serve = async () => {
    for (const post of next) {
      const postedAt = performance.now();
      played.push({ post, postedAt, answer: await client.post(post) });
      bar.advance();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, serve));
  return played;
}
