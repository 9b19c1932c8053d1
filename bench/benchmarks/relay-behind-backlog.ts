import { ownKafka, ownPostgres } from '../../test/support/own-cluster.ts';
import type { Benchmark, Variant } from '../harness/benchmark.ts';
import { startRelay } from '../relay/start-relay.ts';

const [BACKLOG, QUICK_BACKLOG] = [1_000_000, 20_000];
/** Beside it. */
const [ROWS, QUICK_ROWS] = [100_000, 5000];

const PER_SECOND = 'rows/s';

/** A relay is started on rows that have piled up, as after a long outage of Kafka. */
export const relayBehindBacklog: Benchmark = {
  name: 'relay-behind-backlog',
  title: 'Rows a second from the outbox to Kafka behind a backlog of a million',
  charted: PER_SECOND,
  wanted: [{ figure: PER_SECOND, of: 'a million rows', toThatOf: '100 000 rows', atLeast: 0.9 }],
  open: async ({ quick }) => {
    const [postgres, kafka] = await Promise.all([ownPostgres(), ownKafka()]);
    const relay = startRelay(postgres, kafka.brokers);
    const close = async (): Promise<void> => {
      relay.end();
      await Promise.all([postgres.remove(), kafka.remove()]);
    };
    const variant = (name: string, rows: number): Variant => ({
      name,
      kind: 'product',
      run: async () => ({ [PER_SECOND]: rows / ((await relay.drain(rows)).sendingMs / 1000) }),
    });
    try {
      await relay.drain(QUICK_ROWS);
      const variants = [
        variant('a million rows', quick ? QUICK_BACKLOG : BACKLOG),
        variant('100 000 rows', quick ? QUICK_ROWS : ROWS),
      ];
      return { variants, close };
    } catch (error) {
      await close();
      throw error;
    }
  },
};
