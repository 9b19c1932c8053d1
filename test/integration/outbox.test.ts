import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { QueryTypes } from 'sequelize';
import { readTopic, type TopicReader } from '../support/topic-reader.ts';
import { freshDatabase, testKafkaBrokers, type FreshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { meterEvent, startMeters, type MetersNode } from '../support/meters.ts';

const topic = { name: `meters.events.${randomBytes(4).toString('hex')}`, partitions: 3 };
let database: FreshDatabase;
let node: MetersNode;
let reader: TopicReader;

beforeAll(async () => {
  database = await freshDatabase();
  node = await startMeters({ databaseUrl: database.url, brokers: testKafkaBrokers(), topic });
  await eventually(() => {
    expect(node.service.relay.unready()).toBeNull();
  });
  reader = await readTopic(testKafkaBrokers(), topic.name);
});

afterAll(async () => {
  await reader.close();
  await node.stop();
  await database.drop();
});

const rowsWaiting = async (): Promise<number> => {
  const [row] = await node.service.sequelize.query<{ n: number }>('SELECT count(*)::int AS n FROM outbox', {
    type: QueryTypes.SELECT,
  });
  return row?.n ?? NaN;
};
const keysRead = (): string[] => reader.records.map(({ key }) => key);

test('an event is published when its transaction commits, and its row is gone', async () => {
  await node.service.sequelize.transaction((transaction) => node.service.readMeter('committed', transaction));
  await eventually(async () => {
    expect(keysRead()).toContain('committed');
    expect(await rowsWaiting()).toBe(0);
  });
  const record = reader.records.find(({ key }) => key === 'committed');
  expect(record?.value).toBe('{"meterId":"committed","reading":1}');
  expect(record?.headers).toMatchObject({
    ce_type: 'meter.read',
    ce_source: '/meters',
    ce_subject: 'meter/committed',
    ce_aggregateversion: '1',
    ce_dataschema: 'meter.read/1',
    ce_specversion: '1.0',
    'content-type': 'application/json',
  });
});

test('an event of a transaction that rolled back is never published', async () => {
  const rolledBack = node.service.sequelize.transaction(async (transaction) => {
    await node.service.readMeter('rolled-back', transaction);
    throw new Error('no');
  });
  await expect(rolledBack).rejects.toThrow('no');
  expect(await rowsWaiting()).toBe(0);
  await node.service.sequelize.transaction((transaction) => node.service.readMeter('after', transaction));
  await eventually(() => {
    expect(keysRead()).toContain('after');
  });
  expect(keysRead()).not.toContain('rolled-back');
});

test('writing transactions that stay open, in this database or another, hold nobody up', async () => {
  const other = await freshDatabase();
  const open = [new Client({ connectionString: database.url }), new Client({ connectionString: other.url })];
  try {
    for (const client of open) {
      await client.connect();
      // A transaction id of its own, older than that of what comes: a watermark of finished ids would wait for it.
      await client.query('BEGIN; SELECT pg_current_xact_id()');
    }
    await node.service.sequelize.transaction((transaction) => node.service.readMeter('passes-by', transaction));
    await eventually(() => {
      expect(keysRead()).toContain('passes-by');
    });
  } finally {
    for (const client of open) await client.end();
    await other.drop();
  }
});

test('events outside a transaction, or after its end, are refused', async () => {
  const { service } = node;
  await expect(service.addToOutbox([meterEvent('m', 1)], {} as never)).rejects.toMatchObject({
    type: 'outbox-no-transaction',
  });
  const transaction = await service.sequelize.transaction();
  await transaction.commit();
  await expect(service.addToOutbox([meterEvent('m', 1)], { transaction })).rejects.toMatchObject({
    type: 'outbox-no-transaction',
  });
});

test('an event that is too large, invalid or of an unknown type is refused, and the transaction lives on', async () => {
  const { service } = node;
  await service.sequelize.transaction(async (transaction) => {
    await expect(
      service.addToOutbox([meterEvent('large', 1, 'x'.repeat(300_000))], { transaction }),
    ).rejects.toMatchObject({ type: 'outbox-event-too-large' });
    await expect(
      service.addToOutbox([{ ...meterEvent('bad', 1), data: { meterId: 'bad', reading: 0.5 } }], { transaction }),
    ).rejects.toMatchObject({ type: 'outbox-event-invalid' });
    const unknown = { ...meterEvent('unknown', 1).definition, type: 'meter.exploded' };
    await expect(
      service.addToOutbox([{ ...meterEvent('unknown', 1), definition: unknown }], { transaction }),
    ).rejects.toThrow('no schema is known for meter.exploded');
    await service.readMeter('lives-on', transaction);
  });
  await eventually(() => {
    expect(keysRead()).toContain('lives-on');
  });
});

test('the events of a list keep its order, whatever their number', async () => {
  const { service } = node;
  await service.sequelize.transaction((transaction) =>
    service.addToOutbox(
      Array.from({ length: 3000 }, (_, index) => meterEvent('list', index + 1)),
      { transaction },
    ),
  );
  await eventually(() => {
    expect(keysRead().filter((key) => key === 'list')).toHaveLength(3000);
  });
  const versions = reader.records
    .filter(({ key }) => key === 'list')
    .map(({ headers }) => headers['ce_aggregateversion']);
  expect(versions).toEqual(Array.from({ length: 3000 }, (_, index) => String(index + 1)));
});

test('a savepoint that is rolled back takes its events with it, and the rest goes out', async () => {
  const { service } = node;
  await service.sequelize.transaction(async (transaction) => {
    await service.readMeter('outer', transaction);
    const inner = service.sequelize.transaction({ transaction }, async (savepoint) => {
      await service.readMeter('inner', savepoint);
      throw new Error('no');
    });
    await expect(inner).rejects.toThrow('no');
  });
  await eventually(() => {
    expect(keysRead()).toContain('outer');
  });
  expect(keysRead()).not.toContain('inner');
});

test('of writers that race for one meter, the order of commits is the order of events', async () => {
  const { service } = node;
  await service.sequelize.transaction((transaction) => service.readMeter('raced', transaction));
  // The first transaction has the older id of a transaction, and writes the meter last.
  const first = await service.sequelize.transaction();
  await service.readMeter('bystander', first);
  await service.sequelize.transaction((transaction) => service.readMeter('raced', transaction));
  await service.readMeter('raced', first);
  const writers = Array.from({ length: 40 }, () =>
    service.sequelize.transaction((transaction) => service.readMeter('raced', transaction)),
  );
  await first.commit();
  await Promise.all(writers);
  await eventually(() => {
    expect(keysRead().filter((key) => key === 'raced')).toHaveLength(43);
  });
  const versions = reader.records
    .filter(({ key }) => key === 'raced')
    .map(({ headers }) => headers['ce_aggregateversion']);
  expect(versions).toEqual(Array.from({ length: 43 }, (_, index) => String(index + 1)));
});

test('a row that nobody announced is found by the poll', async () => {
  await node.service.sequelize.query(
    `INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
     VALUES (gen_random_uuid(), 'meter', 'quiet', 1, 'quiet', 3, 'meter.read', '{}', '{"dataschema":"meter.read/1"}')`,
  );
  await eventually(() => {
    expect(keysRead()).toContain('quiet');
  });
});

test('an event that Kafka refuses is parked with the later ones of its key, and other keys go on', async () => {
  await node.service.sequelize.query(
    `INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
     SELECT gen_random_uuid(), 'meter', key, 1, key, 5, 'meter.read', payload, '{"dataschema":"meter.read/1"}'
     FROM unnest(ARRAY['stuck', 'free', 'stuck', 'free'], ARRAY['{}', '{}', '"' || repeat('x', 2000000) || '"', '{}']::json[])
       WITH ORDINALITY AS row (key, payload, position) ORDER BY position`,
  );
  await eventually(() => {
    expect(keysRead().filter((key) => key === 'free')).toHaveLength(2);
  });
  await node.service.sequelize.query(
    `INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers)
     VALUES (gen_random_uuid(), 'meter', 'stuck', 1, 'stuck', 5, 'meter.read', '{}', '{"dataschema":"meter.read/1"}')`,
  );
  await eventually(async () => {
    const parked = await node.service.sequelize.query<{ reason: string }>(
      `SELECT reason FROM outbox_parked WHERE partition_key = 'stuck' ORDER BY id`,
      { type: QueryTypes.SELECT },
    );
    expect(parked).toEqual([{ reason: 'refused' }, { reason: 'behind' }]);
  });
  expect(keysRead().filter((key) => key === 'stuck')).toHaveLength(1);
  expect(node.service.relay.stats().parkedTotal).toBe(2);

  // As docs/outbox.md says, once the cause is gone.
  await node.service.sequelize.query(`DELETE FROM outbox_parked WHERE reason = 'refused'`);
  await node.service.sequelize.query(
    `WITH back AS (DELETE FROM outbox_parked WHERE partition_key = 'stuck' RETURNING *)
     INSERT INTO outbox (id, event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, created_at)
     SELECT id, event_id, aggregate_type, aggregate_id, aggregate_version, partition_key, lane, type, payload, headers, created_at
     FROM back ORDER BY id`,
  );
  await eventually(() => {
    expect(keysRead().filter((key) => key === 'stuck')).toHaveLength(2);
  });
});

test('a node whose clock is a day ahead publishes all the same, and the records bear the time of Kafka', async () => {
  const real = Date.now;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => real() + 86_400_000);
  await node.service.sequelize.transaction((transaction) => node.service.readMeter('ahead', transaction));
  await eventually(() => {
    expect(keysRead()).toContain('ahead');
  });
  clock.mockRestore();
  expect(reader.records.find(({ key }) => key === 'ahead')?.timestamp).toBeLessThan(real() + 60_000);
  const parked = await node.service.sequelize.query("SELECT reason FROM outbox_parked WHERE partition_key = 'ahead'", {
    type: QueryTypes.SELECT,
  });
  expect(parked).toEqual([]);
});

test('a node with another number of lanes refuses to start, and says what to do', async () => {
  await expect(
    startMeters({ databaseUrl: database.url, brokers: testKafkaBrokers(), topic, lanes: 8 }),
  ).rejects.toThrow(/has 16 lanes, this node is set to 8.*Set the node to 16/);
});
