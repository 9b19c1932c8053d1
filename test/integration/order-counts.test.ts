import { Sequelize } from 'sequelize';
import { migrate } from '../../mixins/database/migrate.ts';
import { countOrders } from '../../services/orders/count-orders.ts';
import { ordersMigrations } from '../../services/orders/migrations/index.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let database: FreshDatabase;
let sequelize: Sequelize;

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, ordersMigrations);
  sequelize = new Sequelize(database.url, { dialect: 'postgres', logging: false });
});

afterAll(async () => {
  await sequelize.close();
  await database.drop();
});

/** Of ten orders one is cancelled. @param count final ones */
async function addOrders(count: number): Promise<void> {
  await sequelize.query(`
    INSERT INTO orders (order_id, user_id, amount, status, reason, version, created_at, updated_at)
    SELECT uuidv7(), 'alice', 1, CASE WHEN i % 10 = 0 THEN 'CANCELLED' ELSE 'FINISHED' END,
           CASE WHEN i % 10 = 0 THEN 'no-account' END, 2, now(), now() FROM generate_series(1, ${count}) AS i`);
}

test('an empty table has no order that is NEW, and none that is old', async () => {
  expect(await countOrders(sequelize)).toEqual({ byStatus: { NEW: 0, FINISHED: 0, CANCELLED: 0 }, oldestNewAgeS: 0 });
});

test('few orders are counted, and the age is that of the oldest one that is NEW', async () => {
  await addOrders(1000);
  await sequelize.query(`
    INSERT INTO orders (order_id, user_id, amount, status, version, created_at, updated_at)
    SELECT uuidv7(make_interval(mins => -i)), 'bob', 1, 'NEW', 1, now() - make_interval(mins => i), now()
      FROM generate_series(1, 7) AS i`);
  const { byStatus, oldestNewAgeS } = await countOrders(sequelize);
  expect(byStatus).toEqual({ NEW: 7, FINISHED: 900, CANCELLED: 100 });
  expect(oldestNewAgeS).toBeGreaterThanOrEqual(7 * 60);
  expect(oldestNewAgeS).toBeLessThan(8 * 60);
});

test('of many, those that are NEW are counted still, and the others told as PostgreSQL has estimated them', async () => {
  await addOrders(150_000);
  // Nothing is known of the table yet, and it is too large to count: nothing is said rather than something wrong.
  expect((await countOrders(sequelize)).byStatus).toEqual({ NEW: 7 });
  await sequelize.query('ANALYZE orders');
  const { NEW, FINISHED, CANCELLED } = (await countOrders(sequelize)).byStatus;
  expect(NEW).toBe(7);
  expect(Math.abs((FINISHED ?? 0) - 135_900)).toBeLessThan(5000);
  expect(Math.abs((CANCELLED ?? 0) - 15_100)).toBeLessThan(2000);
});
