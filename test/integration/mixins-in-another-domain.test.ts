import { Type, type Static } from '@sinclair/typebox';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import { QueryTypes } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import { loadConfig } from '../../config/config.ts';
import { encodeEnvelope } from '../../events/envelope.ts';
import { defineEvent, type ReceivedEvent } from '../../events/event.ts';
import { database } from '../../mixins/database.mixin.ts';
import type { Migration } from '../../mixins/database/migration.ts';
import {
  EventRefused,
  idempotentConsumer,
  inboxMigrations,
  type ConsumingSchema,
  type ConsumingService,
} from '../../mixins/idempotent-consumer.mixin.ts';
import { outbox, outboxMigrations, type OutboxService } from '../../mixins/outbox.mixin.ts';
import { freshTopic, publish, testKafka } from '../support/consuming-service.ts';
import { freshDatabase, testKafkaBrokers, type FreshDatabase } from '../support/database.ts';
import { eventually as within } from '../support/eventually.ts';

/**
 * The mixins in somebody else's system: a loyalty programme that grants points for purchases and tells others of it.
 * Nothing of orders and payments is in it.
 */

const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> => within(assertion, { timeoutMs: 40_000 });
jest.setTimeout(120_000);

const purchaseMade = defineEvent({
  type: 'purchase.made',
  dataschema: 'purchase.made/1',
  aggregateType: 'purchase',
  data: Type.Object({ member: Type.String(), cents: Type.Integer({ minimum: 0 }) }),
});
type PurchaseMade = Static<typeof purchaseMade.data>;

const pointsGranted = defineEvent({
  type: 'points.granted',
  dataschema: 'points.granted/1',
  aggregateType: 'member',
  data: Type.Object({ member: Type.String(), points: Type.Integer(), total: Type.Integer() }),
});

const loyaltyMigrations: readonly Migration[] = [
  {
    name: 'loyalty-0001',
    up: 'CREATE TABLE members (member text PRIMARY KEY, points integer NOT NULL, version integer NOT NULL)',
  },
];

type LoyaltyService = OutboxService & ConsumingService;

let databaseOfTest: FreshDatabase;
const brokers: ServiceBroker[] = [];

beforeEach(async () => {
  databaseOfTest = await freshDatabase();
});

afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
  await databaseOfTest.drop();
});

async function startLoyalty(topics: {
  purchases: Awaited<ReturnType<typeof freshTopic>>;
  points: Awaited<ReturnType<typeof freshTopic>>;
}): Promise<LoyaltyService> {
  const config = loadConfig({ KAFKA_BROKERS: testKafkaBrokers(), ORDERS_DATABASE_URL: databaseOfTest.url });
  const schema: ServiceSchema & ConsumingSchema<LoyaltyService> = {
    name: topics.purchases.name.replaceAll('.', '-'),
    mixins: [
      idempotentConsumer({ kafka: config.kafka }),
      outbox({
        directUrl: config.orders.directUrl,
        kafka: config.kafka,
        topic: topics.points,
        events: [pointsGranted],
        source: '/loyalty',
      }),
      database({
        config: config.orders,
        migrations: [...outboxMigrations, ...inboxMigrations, ...loyaltyMigrations],
      }),
    ],
    consumes: {
      grantPoints: {
        topic: topics.purchases,
        events: [purchaseMade],
        async handle(events: ReceivedEvent<PurchaseMade>[], { transaction }) {
          for (const { eventId, data } of events) {
            if (data.member === 'nobody') throw new EventRefused(eventId, 'nobody is no member');
            const points = Math.floor(data.cents / 100);
            const [row] = await this.sequelize.query<{ points: number; version: number }>(
              `INSERT INTO members VALUES ($1, $2, 1)
               ON CONFLICT (member) DO UPDATE SET points = members.points + $2, version = members.version + 1
               RETURNING points, version`,
              { bind: [data.member, points], transaction, type: QueryTypes.SELECT },
            );
            if (row === undefined) throw new Error('An upsert returns its row.');
            await this.addToOutbox(
              [
                {
                  definition: pointsGranted,
                  aggregateId: data.member,
                  aggregateVersion: row.version,
                  partitionKey: data.member,
                  data: { member: data.member, points, total: row.points },
                },
              ],
              { transaction },
            );
          }
        },
      },
    },
  };
  const broker = new ServiceBroker({ logger: false, transporter: null });
  brokers.push(broker);
  const service: unknown = broker.createService(schema);
  await broker.start();
  return service as LoyaltyService;
}

function purchase(member: string, cents: number) {
  const eventId = uuidv7();
  return encodeEnvelope({
    eventId,
    source: '/till',
    type: purchaseMade.type,
    dataschema: purchaseMade.dataschema,
    time: new Date().toISOString(),
    aggregateType: 'purchase',
    aggregateId: eventId,
    aggregateVersion: 1,
    traceparent: null,
    partitionKey: member,
    payload: JSON.stringify({ member, cents }),
  });
}

test('a loyalty programme on the mixins grants points once, tells of it once per grant, and parks what it refuses', async () => {
  const topics = { purchases: await freshTopic(3), points: await freshTopic(3) };
  const granted: string[] = [];
  const listener = testKafka().consumer({ groupId: `${topics.points.name}.listener` });
  await listener.connect();
  await listener.subscribe({ topics: [topics.points.name], fromBeginning: true });
  await listener.run({
    eachMessage: ({ message }) => {
      granted.push(message.value?.toString() ?? '');
      return Promise.resolve();
    },
  });
  try {
    const [tea, cake, ghost] = [purchase('ada', 450), purchase('ada', 1200), purchase('nobody', 100)];
    await publish(topics.purchases, [tea, tea, ghost, cake, purchase('bob', 99), tea]);
    const service = await startLoyalty(topics);
    await eventually(() => {
      expect(granted.map((each) => JSON.parse(each) as unknown)).toEqual(
        expect.arrayContaining([
          { member: 'ada', points: 4, total: 4 },
          { member: 'ada', points: 12, total: 16 },
          { member: 'bob', points: 0, total: 0 },
        ]),
      );
    });
    await publish(topics.purchases, [cake, tea]);
    await eventually(() => {
      expect(service.consumerStats()['grantPoints']).toMatchObject({ settled: 3, duplicates: 4, parked: 1 });
    });
    expect(
      await service.sequelize.query('SELECT member, points FROM members ORDER BY member', { type: QueryTypes.SELECT }),
    ).toEqual([
      { member: 'ada', points: 16 },
      { member: 'bob', points: 0 },
    ]);
    expect(new Set(granted).size).toBe(3);
    expect(
      await service.sequelize.query('SELECT reason, error FROM dead_letters', { type: QueryTypes.SELECT }),
    ).toEqual([{ reason: 'refused', error: 'nobody is no member' }]);
  } finally {
    await listener.disconnect();
  }
});
