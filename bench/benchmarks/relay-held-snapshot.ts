import type { Benchmark, Figures, Variant } from '../harness/benchmark.ts';
import { withClient } from '../harness/database.ts';
import { openRelayRoom } from '../relay/relay-room.ts';
import type { Feed } from '../relay/start-relay.ts';

const [DURATION_MS, QUICK_DURATION_MS] = [60_000, 5000];
const WARM_UP_MS = 2000;
const ROWS_AT_ONCE = 2000;

const PER_SECOND = 'rows/s';

/**
 * A snapshot (of a backup, of a report) keeps every row that the relay deletes in the table. From the notice of a commit
 * until its rows have left; the writing itself is not counted.
 */
export const relayHeldSnapshot: Benchmark = {
  name: 'relay-held-snapshot',
  title: 'Rows a second from the outbox to Kafka, steady, while one snapshot is held open for a minute',
  charted: PER_SECOND,
  needsMinutes: true,
  wanted: [{ figure: PER_SECOND, of: 'snapshot held', toThatOf: 'no snapshot', atLeast: 0.9 }],
  open: ({ quick, places }) =>
    openRelayRoom(places, async ({ relay }) => {
      const durationMs = quick ? QUICK_DURATION_MS : DURATION_MS;
      const variant = (name: string, run: (feed: Feed) => Promise<Figures>): Variant => ({
        name,
        kind: 'product',
        run: () => relay.whileRunning(run),
      });
      await relay.whileRunning((feed) => feedFor(feed, WARM_UP_MS));
      return [
        variant('snapshot held', (feed) => withSnapshot(feed.url, () => feedFor(feed, durationMs))),
        variant('no snapshot', (feed) => feedFor(feed, durationMs)),
      ];
    }),
};

/** Feeds a relay for a while, each time when all has left. */
async function feedFor(feed: Feed, durationMs: number): Promise<Figures> {
  const untilMs = performance.now() + durationMs;
  let [rows, drainingMs] = [0, 0];
  while (performance.now() < untilMs) {
    const { elapsedMs } = await feed.drain(ROWS_AT_ONCE);
    rows += ROWS_AT_ONCE;
    drainingMs += elapsedMs;
  }
  return { [PER_SECOND]: rows / (drainingMs / 1000), rows };
}

function withSnapshot<T>(url: string, use: () => Promise<T>): Promise<T> {
  return withClient(url, async (holder) => {
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    // Taken by the first statement.
    await holder.query('SELECT count(*) FROM outbox');
    return use();
  });
}
