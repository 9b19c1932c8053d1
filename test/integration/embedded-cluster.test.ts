import pg from 'pg';
import { kafkaAnswers } from '../../start/kafka-answers.ts';
import { freshDatabase, testKafkaBrokers } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { ownKafka, ownPostgres } from '../support/own-cluster.ts';

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function brokerAnswers(brokers: string): Promise<boolean> {
  const [host, port] = brokers.split(':');
  return kafkaAnswers(host ?? '', Number(port));
}

describe('the cluster of the integration tests', () => {
  test('a fresh database answers, speaks UTF-8 and has fsync on', async () => {
    const database = await freshDatabase();
    const rows = await query(
      database.url,
      `SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync, upper('é') AS upper`,
    );
    expect(rows).toEqual([{ encoding: 'UTF8', fsync: 'on', upper: 'É' }]);
    await database.drop();
  });

  test('a dropped database is gone although a session was open in it', async () => {
    const database = await freshDatabase();
    const session = new pg.Client({ connectionString: database.url });
    session.on('error', () => undefined);
    await session.connect();
    await database.drop();
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
    await session.end().catch(() => undefined);
  });

  test('Kafka answers', async () => {
    expect(await brokerAnswers(testKafkaBrokers())).toBe(true);
  });
});

describe('a server of a test of its own', () => {
  test('PostgreSQL keeps committed rows over a kill', async () => {
    const postgres = await ownPostgres();
    try {
      await query(postgres.urlOf('postgres'), 'CREATE TABLE kept AS SELECT 7 AS value');
      await postgres.kill();
      await expect(query(postgres.urlOf('postgres'), 'SELECT value FROM kept')).rejects.toThrow('ECONNREFUSED');
      await postgres.start();
      expect(await query(postgres.urlOf('postgres'), 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
    } finally {
      await postgres.remove();
    }
  });

  test('Kafka is silent after a kill and answers again at the same address', async () => {
    const kafka = await ownKafka();
    try {
      expect(await brokerAnswers(kafka.brokers)).toBe(true);
      await kafka.kill();
      expect(await brokerAnswers(kafka.brokers)).toBe(false);
      await kafka.start();
      await eventually(async () => {
        expect(await brokerAnswers(kafka.brokers)).toBe(true);
      });
    } finally {
      await kafka.remove();
    }
  });
});
