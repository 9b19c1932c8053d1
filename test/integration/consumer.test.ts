import { QueryTypes, type Transaction } from 'sequelize';
import type { ReceivedEvent } from '../../events/event.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import {
  freshTopic,
  moved,
  publish,
  startNode,
  type Node,
  type ParcelMoved,
  type TestService,
} from '../support/consuming-service.ts';
import { eventually } from '../support/eventually.ts';

let databaseOfFile: FreshDatabase;
const nodes: Node[] = [];

beforeEach(async () => {
  databaseOfFile = await freshDatabase();
});

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ broker }) => broker.stop()));
  await databaseOfFile.drop();
});

async function start(options: Omit<Parameters<typeof startNode>[0], 'databaseUrl'>): Promise<Node> {
  const node = await startNode({ databaseUrl: databaseOfFile.url, ...options });
  nodes.push(node);
  return node;
}

/** Records each event as a move. */
async function recordMoves(this: TestService, events: ReceivedEvent[], { transaction }: { transaction: Transaction }) {
  for (const { eventId, data } of events as ReceivedEvent<ParcelMoved>[]) {
    await this.sequelize.query('INSERT INTO moves (event_id, parcel, place) VALUES ($1, $2, $3)', {
      bind: [eventId, data.parcel, data.to],
      transaction,
    });
  }
}

interface Move {
  readonly event_id: string;
  readonly parcel: string;
  readonly place: string;
  readonly txid: string;
}

function movesOf({ service }: Node): Promise<Move[]> {
  return service.sequelize.query<Move>('SELECT event_id, parcel, place, txid::text FROM moves ORDER BY position', {
    type: QueryTypes.SELECT,
  });
}

test('what waits in several partitions is settled in one transaction', async () => {
  const topic = await freshTopic(3);
  await publish(
    topic,
    ['a', 'b', 'c'].map((parcel, partition) => moved(parcel, 'depot', { partition })),
  );
  const node = await start({ topic, handle: recordMoves });
  await eventually(async () => {
    expect(await movesOf(node)).toHaveLength(3);
  });
  const moves = await movesOf(node);
  expect(new Set(moves.map(({ txid }) => txid)).size).toBe(1);
  expect(node.service.consumerStats()['track']).toMatchObject({ received: 3, settled: 3, batches: 1 });
});
