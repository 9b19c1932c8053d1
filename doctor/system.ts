import { readdirSync } from 'node:fs';
import { auditMigrations } from '../audit/migrations.ts';
import { ConfigError, loadConfig } from '../config/config.ts';
import { idempotencyKeyMigrations } from '../mixins/idempotency-keys.mixin.ts';
import { inboxMigrations } from '../mixins/idempotent-consumer.mixin.ts';
import { outboxMigrations } from '../mixins/outbox.mixin.ts';
import { ordersMigrations } from '../services/orders/migrations/index.ts';
import { paymentsMigrations } from '../services/payments/migrations/index.ts';
import { readRunningCluster } from '../start/cluster-state.ts';
import { dataFolderAt, sizeOf, sizeText } from '../start/data-folder.ts';
import { kafkaJarsFolderOf } from '../start/kafka-jars-folder.js';
import { dataDirOf } from '../start/options.ts';
import { projectRoot } from '../start/project-root.ts';
import { databaseRows } from './database-rows.ts';
import { kafkaRows } from './kafka-rows.ts';
import type { Row } from './row.ts';

/** What `npm run doctor` can only ask with packages: writes its rows as JSON. */

const OF_MIXINS = [...outboxMigrations, ...inboxMigrations, ...idempotencyKeyMigrations];

async function systemRows(env: NodeJS.ProcessEnv): Promise<Row[]> {
  const folder = dataFolderAt(dataDirOf(env));
  const running = (await readRunningCluster(folder.path))?.addresses;
  const isGiven = (name: string): boolean => (env[name]?.trim() ?? '') !== '';
  const config = loadConfig({
    ...env,
    ...(running && {
      KAFKA_BROKERS: running.brokers,
      ORDERS_DATABASE_URL: running.ordersUrl,
      PAYMENTS_DATABASE_URL: running.paymentsUrl,
    }),
  });
  const isExpected = (name: string): boolean => running !== undefined || isGiven(name);
  const [kafka, orders, payments, bytes] = await Promise.all([
    kafkaRows({
      kafka: config.kafka,
      namespace: config.namespace,
      embeddedVersion: isGiven('KAFKA_BROKERS') ? undefined : embeddedKafkaVersion(),
      isExpected: isExpected('KAFKA_BROKERS'),
    }),
    databaseRows({
      service: 'orders',
      config: config.orders,
      migrations: [...OF_MIXINS, ...ordersMigrations],
      isExpected: isExpected('ORDERS_DATABASE_URL'),
    }),
    databaseRows({
      service: 'payments',
      config: config.payments,
      migrations: [...OF_MIXINS, ...paymentsMigrations, ...auditMigrations],
      isExpected: isExpected('PAYMENTS_DATABASE_URL'),
    }),
    sizeOf(folder),
  ]);
  const size: Row = { name: 'Data and logs', status: 'ok', found: sizeText(bytes), needed: '' };
  return [size, ...kafka, ...orders, ...payments];
}

function embeddedKafkaVersion(): string | undefined {
  try {
    const jars = readdirSync(kafkaJarsFolderOf(projectRoot()));
    return jars.map((jar) => /^kafka_[\d.]+-([\d.]+)\.jar$/.exec(jar)?.[1]).find((version) => version !== undefined);
  } catch {
    return undefined;
  }
}

/** A setting that no node could start with is a finding, too. */
function settingRow(error: unknown): Row {
  if (!(error instanceof ConfigError)) throw error;
  return {
    name: 'Settings',
    status: 'fail',
    found: error.message,
    needed: 'values that a node takes',
    fix: 'correct or unset it',
  };
}

const rows = await systemRows(process.env).catch((error: unknown) => [settingRow(error)]);
process.stdout.write(JSON.stringify(rows));
