import { ServiceBroker, type ServiceSchema } from 'moleculer';
import { QueryTypes } from 'sequelize';
import { loadConfig } from '../../config/config.ts';
import { defineEvent, type EventDefinition, type NewEvent, type ReceivedEvent } from '../../events/event.ts';
import { database } from '../../mixins/database.mixin.ts';
import {
  idempotentConsumer,
  inboxMigrations,
  type ConsumingSchema,
  type ConsumingService,
} from '../../mixins/idempotent-consumer.mixin.ts';
import { outbox, outboxMigrations, type OutboxService } from '../../mixins/outbox.mixin.ts';
import { freshTopic } from '../support/consuming-service.ts';
import { freshDatabase, testKafkaBrokers, type FreshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { weighed, weighedV1 } from '../support/weighings.ts';

jest.setTimeout(120_000);

type ScaleService = OutboxService & ConsumingService;

const scaleMoved = defineEvent({ ...weighedV1, type: 'scale.moved', dataschema: 'scale.moved/1' });

const databases: FreshDatabase[] = [];
const brokers: ServiceBroker[] = [];

afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
  await Promise.all(databases.splice(0).map((each) => each.drop()));
});

/** A node that writes and reads weighings: `newest` is the newest version that it knows. */
async function startScale(
  topic: Awaited<ReturnType<typeof freshTopic>>,
  newest: EventDefinition,
  others: readonly EventDefinition[] = [],
): Promise<{ service: ScaleService; seen: unknown[] }> {
  const own = await freshDatabase();
  databases.push(own);
  const config = loadConfig({ KAFKA_BROKERS: testKafkaBrokers(), ORDERS_DATABASE_URL: own.url });
  const seen: unknown[] = [];
  const schema: ServiceSchema & ConsumingSchema<ScaleService> = {
    name: `${topic.name}-${newest.dataschema}`.replaceAll(/[./]/g, '-'),
    mixins: [
      idempotentConsumer({ kafka: config.kafka }),
      outbox({
        directUrl: config.orders.directUrl,
        kafka: config.kafka,
        topic,
        events: [newest, ...others],
        source: '/scale',
      }),
      database({ config: config.orders, migrations: [...outboxMigrations, ...inboxMigrations] }),
    ],
    consumes: {
      weigh: {
        topic,
        events: [newest],
        handle(events: ReceivedEvent[]) {
          seen.push(...events.map(({ data }) => data));
          return Promise.resolve();
        },
      },
    },
  };
  const broker = new ServiceBroker({ logger: false, transporter: null });
  brokers.push(broker);
  const service: unknown = broker.createService(schema);
  await broker.start();
  return { service: service as ScaleService, seen };
}

async function write(service: ScaleService, definition: EventDefinition, data: object): Promise<void> {
  const event: NewEvent = { definition, aggregateId: 'a', aggregateVersion: 1, partitionKey: 'a', data };
  await service.sequelize.transaction((transaction) => service.addToOutbox([event], { transaction }));
}

test('an upgrade one node at a time: readers of both versions read writers of both, and nothing is parked', async () => {
  const topic = await freshTopic(1);
  const before = await startScale(topic, weighedV1);
  const after = await startScale(topic, weighed, [scaleMoved]);
  // The upgraded node reads first, and still writes the old version; then it writes the new one.
  await write(before.service, weighedV1, { parcel: 'a', grams: 700 });
  await write(after.service, weighedV1, { parcel: 'b', grams: 800 });
  await write(after.service, scaleMoved, { parcel: 'b', grams: 1 });
  await write(after.service, weighed, { parcel: 'c', grams: 900, scale: 'north', plusMinusGrams: 1 });
  await eventually(
    () => {
      expect(after.seen).toHaveLength(3);
      expect(before.seen).toHaveLength(3);
    },
    { timeoutMs: 40_000 },
  );
  expect(after.seen).toEqual(
    expect.arrayContaining([
      { parcel: 'a', grams: 700, scale: 'the old one', plusMinusGrams: 50 },
      { parcel: 'b', grams: 800, scale: 'the old one', plusMinusGrams: 50 },
      { parcel: 'c', grams: 900, scale: 'north', plusMinusGrams: 1 },
    ]),
  );
  expect(before.seen).toEqual(
    expect.arrayContaining([
      { parcel: 'a', grams: 700 },
      { parcel: 'b', grams: 800 },
      { parcel: 'c', grams: 900, scale: 'north', plusMinusGrams: 1 },
    ]),
  );
  for (const { service } of [before, after]) {
    await eventually(() => {
      expect(service.consumerStats()['weigh']).toMatchObject({ settled: 3, skipped: 1, parked: 0 });
    });
    expect(await service.sequelize.query('SELECT * FROM dead_letters', { type: QueryTypes.SELECT })).toEqual([]);
  }
});
