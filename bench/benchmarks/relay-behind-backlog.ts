import type { Benchmark, Variant } from '../harness/benchmark.ts';
import { openRelayRoom } from '../relay/relay-room.ts';

const [BACKLOG, QUICK_BACKLOG] = [1_000_000, 20_000];
/** Beside it. */
const [ROWS, QUICK_ROWS] = [100_000, 5000];

const PER_SECOND = 'rows/s';

/** A relay is started on rows that have piled up, as after a long outage of Kafka. */
export const relayBehindBacklog: Benchmark = {
  name: 'relay-behind-backlog',
  title: 'Rows a second from the outbox to Kafka behind a backlog of a million',
  charted: PER_SECOND,
  needsMinutes: true,
  wanted: [{ figure: PER_SECOND, of: 'a million rows', toThatOf: '100 000 rows', atLeast: 0.9 }],
  open: ({ quick, places }) =>
    openRelayRoom(places, async ({ relay }) => {
      const variant = (name: string, rows: number): Variant => ({
        name,
        kind: 'product',
        run: async () => ({ [PER_SECOND]: rows / ((await relay.drain(rows)).sendingMs / 1000) }),
      });
      await relay.drain(QUICK_ROWS);
      return [
        variant('a million rows', quick ? QUICK_BACKLOG : BACKLOG),
        variant('100 000 rows', quick ? QUICK_ROWS : ROWS),
      ];
    }),
};
