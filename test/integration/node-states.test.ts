import { Client } from 'pg';
import { Sequelize } from 'sequelize';
import { LANE_ROWS_CAP, type ConsumersState, type OutboxState } from '../../contract/node-states.ts';
import { migrate } from '../../mixins/database/migrate.ts';
import { outboxMigrations } from '../../mixins/outbox/migrations.ts';
import { outboxState } from '../../mixins/outbox/outbox-state.ts';
import { newRelayCounters } from '../../mixins/outbox/relay-stats.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually as within } from '../support/eventually.ts';
import { shopCluster, type ShopCluster } from '../support/shop-cluster.ts';

/** What a node says of its lanes and partitions. */

const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 40_000 });

describe('two nodes of orders', () => {
  let cluster: ShopCluster;

  beforeAll(async () => {
    cluster = await shopCluster();
  });

  afterAll(() => cluster.end());

  test('share the lanes and the partitions, and each answers for its own', async () => {
    const [one, two] = [await cluster.start('orders', 0), await cluster.start('orders', 1)];
    const ask = <T>(action: string): Promise<T[]> =>
      Promise.all([one, two].map((node) => one.call<T, object>(action, {}, { nodeID: node.nodeID })));
    await eventually(async () => {
      const states = await ask<OutboxState>('orders.outbox.state');
      expect(states).toMatchObject([
        { nodeId: 'orders-0', service: 'orders', lanes: 16, backlogRows: 0, oldestAgeMs: null, trouble: null },
        { nodeId: 'orders-1', service: 'orders', lanes: 16, parkedRows: 0, unheldLanes: [], capped: false },
      ]);
      const lanes = states.map(({ byLane }) => byLane.map(({ lane }) => lane));
      expect(lanes).toEqual(states.map(({ heldLanes }) => heldLanes));
      expect(lanes.map((each) => each.length)).toEqual([8, 8]);
      expect(new Set(lanes.flat()).size).toBe(16);
    });
    await eventually(async () => {
      const states = await ask<ConsumersState>('orders.consumers.state');
      const consumers = states.map((state) => state.consumers);
      expect(consumers.map((each) => each.map(({ consumer }) => consumer))).toEqual([
        ['orders.settle'],
        ['orders.settle'],
      ]);
      const partitions = consumers.flat().flatMap((each) => each.partitions);
      expect(new Set(partitions.map(({ partition }) => partition)).size).toBe(12);
      expect(partitions).toEqual(partitions.map(({ partition }) => ({ partition, lag: '0', ageMs: null })));
      expect(consumers[0]?.[0]).toMatchObject({ partitionCount: 12, settled: 0, deadLetters: 0, trouble: null });
      expect(consumers[0]?.[0]?.groupLag).toHaveLength(12);
    });
  }, 120_000);
});

describe('an outbox without relays', () => {
  let database: FreshDatabase;
  let sequelize: Sequelize;

  beforeAll(async () => {
    database = await freshDatabase();
    await migrate(database.url, outboxMigrations);
    sequelize = new Sequelize(database.url, { logging: false });
    await sequelize.query(
      `INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, created_at)
       SELECT gen_random_uuid(), 'order', n::text, 1, 'ann', CASE WHEN n <= $1 + 5 THEN 1 ELSE 2 END, 'order.created', '{}', '{}', now() - interval '90 s'
         FROM generate_series(1, $1 + 8) AS n`,
      { bind: [LANE_ROWS_CAP] },
    );
  }, 60_000);

  afterAll(async () => {
    await sequelize.close();
    await database.drop();
  });

  const stateWith = (lanes: number[]): Promise<OutboxState> =>
    outboxState({
      nodeId: 'orders-0',
      service: 'orders',
      sequelize,
      lanes: 4,
      relay: { ...newRelayCounters(), trouble: null, backlog: 7, oldestAgeMs: 1000, lanes },
    });

  test('shows the lanes that nobody holds; a count that is cut off says so', async () => {
    const state = await stateWith([1]);
    expect(state).toMatchObject({ backlogRows: LANE_ROWS_CAP, capped: true, parkedRows: 0, trouble: null });
    expect(state.byLane).toEqual([{ lane: 1, rows: LANE_ROWS_CAP, oldestAgeMs: state.oldestAgeMs }]);
    expect(state.oldestAgeMs).toBeGreaterThan(89_000);
    expect(state.unheldLanes.map(({ lane, rows }) => [lane, rows])).toEqual([
      [0, 0],
      [2, 3],
      [3, 0],
    ]);
  });

  test('a lane that another session holds is not without an owner', async () => {
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    await holder.query(`SELECT pg_advisory_lock('outbox'::regclass::oid::int, 2)`);
    expect((await stateWith([1])).unheldLanes.map(({ lane }) => lane)).toEqual([0, 3]);
    await holder.end();
  });

  test('when the count takes too long, the answer is what the relay saw last, and says so', async () => {
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE');
    expect(await stateWith([1])).toMatchObject({
      backlogRows: 7,
      oldestAgeMs: 1000,
      parkedRows: null,
      byLane: [],
      trouble: expect.stringContaining('did not count in time') as string,
    });
    await holder.end();
  });
});
