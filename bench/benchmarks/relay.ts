import type { Benchmark, Figures } from '../harness/benchmark.ts';
import { installPeers } from '../harness/peers.ts';
import { withDatabase } from '../relay/orders-outbox.ts';
import type { PeerDrained, PeerRequest } from '../relay/peer-process.ts';
import type { Produced, ProducerRequest } from '../relay/producer-process.ts';
import { openRelayRoom } from '../relay/relay-room.ts';
import { startWorker } from '../relay/worker.ts';

const [ROWS, QUICK_ROWS] = [100_000, 5000];
/** The peer reads all that waits for each message or two: fewer rows are to its advantage. */
const [PEER_ROWS, QUICK_PEER_ROWS] = [500, 300];
const WARM_UP_ROWS = 10_000;
const PEER_WARM_UP_ROWS = 100;

const PER_SECOND = 'rows/s';

/** From the first send until the last row has left the outbox, all of them written before. */
export const relay: Benchmark = {
  name: 'relay',
  title: 'Rows a second from the outbox to acknowledged by Kafka',
  charted: PER_SECOND,
  wanted: [
    { figure: PER_SECOND, of: 'relay', toThatOf: 'kafkajs from memory', atLeast: 0.5 },
    { figure: PER_SECOND, of: 'relay', toThatOf: 'pg-transactional-outbox', atLeast: 40 },
  ],
  open: ({ quick, places }) =>
    openRelayRoom(places, async ({ postgres, brokers, relay: ours, onClose }) => {
      installPeers();
      const producer = startWorker<ProducerRequest, Produced>('producer-process.ts');
      const peer = startWorker<PeerRequest, PeerDrained>('peer-process.ts');
      onClose(() => {
        producer.end();
        peer.end();
      });
      const drainPeer = (rows: number): Promise<PeerDrained> =>
        withDatabase(postgres, (databaseUrl) => peer.ask({ databaseUrl, brokers, rows }));
      const { largestRequest: requestRows } = await ours.drain(WARM_UP_ROWS);
      await producer.ask({ brokers, rows: WARM_UP_ROWS, requestRows });
      await drainPeer(PEER_WARM_UP_ROWS);
      const rows = quick ? QUICK_ROWS : ROWS;
      const peerRows = quick ? QUICK_PEER_ROWS : PEER_ROWS;
      return [
        {
          name: 'relay',
          kind: 'product',
          run: async () => perSecond(rows, (await ours.drain(rows)).sendingMs),
        },
        {
          name: 'kafkajs from memory',
          kind: 'floor',
          run: async () => perSecond(rows, (await producer.ask({ brokers, rows, requestRows })).elapsedMs),
        },
        {
          name: 'pg-transactional-outbox',
          kind: 'peer',
          run: async () => perSecond(peerRows, (await drainPeer(peerRows)).sendingMs),
        },
      ];
    }),
};

function perSecond(rows: number, elapsedMs: number): Figures {
  return { [PER_SECOND]: rows / (elapsedMs / 1000) };
}
