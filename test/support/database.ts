import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createDatabaseIfMissing } from '../../start/embedded-postgres.ts';

export interface FreshDatabase {
  readonly url: string;
  /** Ends every session in it, and drops it. For `afterAll`. */
  drop(): Promise<void>;
}

/** The address of the test run's Kafka, for `KAFKA_BROKERS`. */
export function testKafkaBrokers(): string {
  return fromGlobalSetup('TEST_KAFKA_BROKERS');
}

/** Makes an empty database that no other test file has. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = fromGlobalSetup('TEST_POSTGRES_URL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await createDatabaseIfMissing(url.href);
  return {
    url: url.href,
    drop: async () => {
      const client = new pg.Client({ connectionString: server });
      await client.connect();
      try {
        await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
      } finally {
        await client.end();
      }
    },
  };
}

function fromGlobalSetup(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) {
    throw new Error(`${variable} is not set: run this test through jest's project "integration".`);
  }
  return value;
}
