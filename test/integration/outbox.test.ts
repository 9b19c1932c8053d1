import { randomBytes } from 'node:crypto';
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
