import { Sequelize, QueryTypes } from 'sequelize';
import { browseOrdersInput } from '../../contract/browse.ts';
import { migrate } from '../../mixins/database/migrate.ts';
import { browseOrders } from '../../services/orders/browse-orders.ts';
import { ordersMigrations } from '../../services/orders/migrations/index.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let database: FreshDatabase;
let sequelize: Sequelize;

/** Numbered from 1, the oldest. Every 400th took three seconds: there are fifty, a full page, among each 20 000. */
const ORDERS = 45_000;

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, ordersMigrations);
  sequelize = new Sequelize(database.url, { dialect: 'postgres', logging: false });
  await sequelize.query(`
    INSERT INTO orders (order_id, user_id, amount, status, reason, version, created_at, updated_at)
    SELECT (lpad(to_hex(i), 12, '0') || '70008' || lpad(to_hex(i), 15, '0'))::uuid, CASE WHEN i % 2000 = 0 THEN 'ann' ELSE 'bob' END, 100,
           status, CASE WHEN status = 'CANCELLED' THEN 'no-account' END, 2, at, at + CASE WHEN i % 400 = 0 THEN interval '3 s' ELSE interval '40 ms' END
      FROM (SELECT i, now() AS at, CASE WHEN i % 5000 = 0 THEN 'CANCELLED' WHEN i % 7 = 0 AND i % 400 <> 0 THEN 'NEW' ELSE 'FINISHED' END AS status
              FROM generate_series(1, ${ORDERS}) AS i) AS o`);
}, 60_000);

afterAll(async () => {
  await sequelize.close();
  await database.drop();
});

/** Every page, and how many there were. */
async function readAll(filters: object): Promise<{ numbers: number[]; pages: number }> {
  const numbers: number[] = [];
  let before: string | null = null;
  let pages = 0;
  do {
    const page: Awaited<ReturnType<typeof browseOrders>> = await browseOrders(
      browseOrdersInput.parse({ ...filters, ...(before !== null && { before }) }),
      <Row extends object>(sql: string, values: readonly unknown[]) =>
        sequelize.query<Row>(sql, { bind: [...values], type: QueryTypes.SELECT }),
    );
    numbers.push(...page.items.map(({ orderId }) => Number.parseInt(orderId.slice(-12), 16)));
    before = page.next;
    pages++;
  } while (before !== null);
  return { numbers, pages };
}

function multiplesOf(step: number, below = ORDERS + 1): number[] {
  return Array.from({ length: Math.ceil(below / step) - 1 }, (_, index) => (index + 1) * step).reverse();
}

function idOf(number: number): string {
  const digits = number.toString(16);
  const hex = `${digits.padStart(12, '0')}70008${digits.padStart(15, '0')}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

test('slow orders are found among all, newest first, in steps that are bounded; a full page at the end of one is not the last', async () => {
  expect(await readAll({ slow: true })).toEqual({ numbers: multiplesOf(400), pages: 3 });
});

test('the order at which a step ends may be a slow one', async () => {
  expect((await readAll({ slow: true, before: idOf(40_400) })).numbers).toEqual(multiplesOf(400, 40_400));
});

test('slow ones of a user, of a status or of a reason', async () => {
  expect((await readAll({ slow: true, userId: 'ann' })).numbers).toEqual(multiplesOf(2000));
  expect((await readAll({ slow: true, status: 'CANCELLED' })).numbers).toEqual(multiplesOf(10_000));
  expect((await readAll({ slow: true, reason: 'insufficient-funds' })).numbers).toEqual([]);
});
