import fc from 'fast-check';
import { Sequelize } from 'sequelize';
import { run } from '../../mixins/database/statement.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let database: FreshDatabase;
let sequelize: Sequelize;

beforeAll(async () => {
  database = await freshDatabase();
  sequelize = new Sequelize(database.url, { dialect: 'postgres', logging: false, pool: { max: 1 } });
});

afterAll(async () => {
  await sequelize.close();
  await database.drop();
});

const ECHO = {
  name: 'echo',
  text: 'SELECT $1::text[] AS texts, $2::bigint[]::text[] AS numbers, $3::bytea[] AS bytes',
};
const SLEEP = { name: 'sleep', text: `SELECT pg_sleep($1::float8), clock_timestamp()::text AS at` };
const DIVIDE = { name: 'divide', text: 'SELECT 1 / $1::int AS result' };

test('PostgreSQL reads lists as they were given', async () => {
  const text = fc
    .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('null', 'NULL', '\\', '"', '{', ' ', 'é'))
    .filter((each) => !each.includes('\0') && each.isWellFormed());
  await sequelize.transaction(async (transaction) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(text)),
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        fc.array(fc.uint8Array()),
        async (texts, numbers, bytes) => {
          const buffers = bytes.map((each) => Buffer.from(each));
          expect(await run(transaction, ECHO, [texts, numbers, buffers])).toEqual([
            { texts, numbers: numbers.map(String), bytes: buffers },
          ]);
        },
      ),
    );
  });
});

test('statements that are begun at once run one after the other, in that order', async () => {
  await sequelize.transaction(async (transaction) => {
    const answers = await Promise.all(
      [0.05, 0.02, 0].map((seconds) => run<{ at: string }>(transaction, SLEEP, [seconds])),
    );
    const times = answers.map(([row]) => row?.at ?? '');
    expect(times).toEqual(times.toSorted());
  });
});

test('one that fails takes those with it that were begun with it, and the connection goes on', async () => {
  const attempt = sequelize.transaction((transaction) =>
    Promise.allSettled([run(transaction, DIVIDE, [1]), run(transaction, DIVIDE, [0]), run(transaction, DIVIDE, [1])]),
  );
  expect(await attempt).toMatchObject([
    { status: 'fulfilled', value: [{ result: 1 }] },
    { status: 'rejected', reason: { code: '22012' } },
    { status: 'rejected', reason: { code: '25P02' } },
  ]);
  await sequelize.transaction(async (transaction) => {
    expect(await run(transaction, DIVIDE, [1])).toEqual([{ result: 1 }]);
  });
});

test('nothing is run in a transaction that is over', async () => {
  const transaction = await sequelize.transaction();
  await transaction.commit();
  await expect(run(transaction, DIVIDE, [1])).rejects.toThrow('The transaction is over (commit): divide was not run.');
});
