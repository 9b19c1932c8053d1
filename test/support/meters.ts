import { Type } from '@sinclair/typebox';
import { ServiceBroker, type ServiceSchema, type ServiceSettingSchema } from 'moleculer';
import type { Transaction } from 'sequelize';
import { loadConfig } from '../../config/config.ts';
import { defineEvent, type NewEvent } from '../../events/event.ts';
import type { EventTopic } from '../../events/topics.ts';
import { database } from '../../mixins/database.mixin.ts';
import type { Migration } from '../../mixins/database/migration.ts';
import { outbox, outboxMigrations, type OutboxOptions, type OutboxService } from '../../mixins/outbox.mixin.ts';

/**
 * A service of another domain on the outbox mixin, as somebody else would write it: electricity meters, each with a
 * version and a reading that only rises.
 */

/** A meter was read. */
export const meterRead = defineEvent({
  type: 'meter.read',
  dataschema: 'meter.read/1',
  aggregateType: 'meter',
  data: Type.Object({ meterId: Type.String(), reading: Type.Integer(), note: Type.Optional(Type.String()) }),
});

const metersMigrations: readonly Migration[] = [
  { name: '0001-meters', up: 'CREATE TABLE meters (meter_id text PRIMARY KEY, version bigint NOT NULL)' },
];

export interface MetersService extends OutboxService {
  /** Reads a meter: its row first, its event second, so that the row's lock orders the events. */
  readMeter(meterId: string, transaction: Transaction, note?: string): Promise<number>;
}

export interface MetersOptions extends Partial<Pick<OutboxOptions, 'lanes' | 'pollIntervalMs'>> {
  readonly databaseUrl: string;
  /** Where it differs from `databaseUrl`, as with a pooler in between. */
  readonly directUrl?: string;
  readonly brokers: string;
  readonly topic: EventTopic;
}

export function metersService(options: MetersOptions): ServiceSchema<ServiceSettingSchema, MetersService> {
  const config = loadConfig({
    KAFKA_BROKERS: options.brokers,
    ORDERS_DATABASE_URL: options.databaseUrl,
    ORDERS_DATABASE_DIRECT_URL: options.directUrl,
  });
  return {
    name: 'meters',
    mixins: [
      outbox({
        ...options,
        directUrl: config.orders.directUrl,
        kafka: config.kafka,
        events: [meterRead],
        source: '/meters',
      }) as ServiceSchema,
      database({ config: config.orders, migrations: [...outboxMigrations, ...metersMigrations] }) as ServiceSchema,
    ],
    methods: {
      async readMeter(this: MetersService, meterId: string, transaction: Transaction, note?: string): Promise<number> {
        const [rows] = await this.sequelize.query(
          `INSERT INTO meters VALUES ($1, 1) ON CONFLICT (meter_id) DO UPDATE SET version = meters.version + 1 RETURNING version`,
          { bind: [meterId], transaction },
        );
        const version = Number((rows as { version: string }[])[0]?.version);
        await this.addToOutbox([meterEvent(meterId, version, note)], { transaction });
        return version;
      },
    },
  };
}

export function meterEvent(meterId: string, version: number, note?: string): NewEvent<typeof meterRead.data> {
  return {
    definition: meterRead,
    aggregateId: meterId,
    aggregateVersion: version,
    partitionKey: meterId,
    data: { meterId, reading: version, ...(note !== undefined && { note }) },
  };
}

export interface MetersNode {
  readonly service: MetersService;
  stop(): Promise<void>;
}

/** Starts a broker with the service; rejects when the service refuses to start. */
export async function startMeters(options: MetersOptions): Promise<MetersNode> {
  const broker = new ServiceBroker({ logger: false, transporter: null });
  const service: unknown = broker.createService(metersService(options));
  try {
    await broker.start();
  } catch (error) {
    await broker.stop();
    throw error;
  }
  return { service: service as MetersService, stop: () => broker.stop() };
}
