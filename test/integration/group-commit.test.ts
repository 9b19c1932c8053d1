import { Sequelize } from 'sequelize';
import { steadyNow } from '../../kafka/deadline.ts';
import { currentRequestId, withRequestId } from '../../logs/request-context.ts';
import { GroupCommit, type Outcome } from '../../mixins/group-commit.ts';
import { migrate } from '../../mixins/database/migrate.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

interface Note {
  readonly id: number;
  readonly text: string;
}

let database: FreshDatabase;
let sequelize: Sequelize;
/** Sizes of the transactions that were written. */
let batches: number[];

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, [
    { name: 'notes', up: `CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL CHECK (text <> 'bad'))` },
  ]);
});

beforeEach(async () => {
  batches = [];
  sequelize = new Sequelize(database.url, { dialect: 'postgres', logging: false, retry: { max: 0 } });
  await sequelize.query('TRUNCATE notes');
});

afterEach(() => sequelize.close());
afterAll(() => database.drop());

const inAMinute = (): number => steadyNow() + 60_000;

async function stored(): Promise<number[]> {
  const [rows] = await sequelize.query('SELECT id FROM notes ORDER BY id');
  return (rows as { id: number }[]).map(({ id }) => id);
}

function notes(hooks: { beforeCommit?: () => Promise<unknown> } = {}): GroupCommit<Note, string> {
  return new GroupCommit<Note, string>({
    what: 'note',
    sequelize,
    write: async (items, { transaction, again }) => {
      batches.push(items.length);
      await sequelize.query(
        `INSERT INTO notes SELECT * FROM unnest($1::integer[], $2::text[]) ${again ? 'ON CONFLICT DO NOTHING' : ''}`,
        { bind: [items.map(({ id }) => id), items.map(({ text }) => text)], transaction },
      );
      await hooks.beforeCommit?.();
      return items.map(({ id, text }): Outcome<string> =>
        text === 'refused' ? { error: new Error('refused alone') } : { ok: `note ${id}` },
      );
    },
  });
}

test('what is written for several requests is not logged under the id of the first one', async () => {
  const ids: unknown[] = [];
  const group = notes({ beforeCommit: () => Promise.resolve(ids.push(currentRequestId())) });
  const submit = (id: number): Promise<string> =>
    withRequestId(`request ${id}`, async () => {
      await group.submit({ id, text: 'good' }, inAMinute());
      return currentRequestId() ?? 'none';
    });
  expect(await Promise.all([1, 2].map(submit))).toEqual(['request 1', 'request 2']);
  expect(ids).toEqual([undefined]);
});

test('writes that arrive together share a transaction, and each gets its own answer', async () => {
  const group = notes();
  const answers = await Promise.all([1, 2, 3].map((id) => group.submit({ id, text: 'good' }, inAMinute())));
  expect(answers).toEqual(['note 1', 'note 2', 'note 3']);
  expect(batches).toEqual([3]);
  expect(await stored()).toEqual([1, 2, 3]);
});

test('a write that the database refuses fails alone', async () => {
  const group = notes();
  const settled = await Promise.allSettled(
    ['good', 'bad', 'good', 'good', 'good'].map((text, id) => group.submit({ id, text }, inAMinute())),
  );
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(await stored()).toEqual([0, 2, 3, 4]);
});

test('a write that is refused by decision fails alone', async () => {
  const group = notes();
  const refused = group.submit({ id: 1, text: 'refused' }, inAMinute());
  const good = group.submit({ id: 2, text: 'good' }, inAMinute());
  await expect(refused).rejects.toThrow('refused alone');
  await expect(good).resolves.toBe('note 2');
});

test('a write whose caller has given up is not begun', async () => {
  const group = notes();
  await expect(group.submit({ id: 1, text: 'good' }, steadyNow() - 1)).rejects.toMatchObject({
    type: 'service-unavailable',
  });
  expect(await stored()).toEqual([]);
});

test('a commit without an answer is looked up: done once, answered once', async () => {
  // The session is ended by another one right before COMMIT reaches it the first time.
  let cuts = 0;
  const group = notes({
    beforeCommit: async () => {
      if (cuts++ > 0) return;
      await sequelize.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'idle in transaction'`,
      );
    },
  });
  const answers = await Promise.all([1, 2].map((id) => group.submit({ id, text: 'good' }, inAMinute())));
  expect(answers).toEqual(['note 1', 'note 2']);
  expect(cuts).toBe(2);
  expect(await stored()).toEqual([1, 2]);
});

test('a commit that took effect but whose answer was lost is not done twice', async () => {
  const group = notes();
  const begin = sequelize.transaction.bind(sequelize);
  const transaction = jest.spyOn(sequelize, 'transaction').mockImplementationOnce(async () => {
    const begun = await begin();
    const commit = begun.commit.bind(begun);
    begun.commit = async () => {
      await commit();
      throw new Error('Connection terminated unexpectedly');
    };
    return begun;
  });
  const answer = await group.submit({ id: 7, text: 'good' }, inAMinute());
  expect(transaction).toHaveBeenCalledTimes(2);
  expect(answer).toBe('note 7');
  expect(await stored()).toEqual([7]);
});

test('a commit whose outcome cannot be found out in time is said to be unknown', async () => {
  const group = notes();
  jest.spyOn(sequelize, 'transaction').mockImplementation((() =>
    Promise.resolve({
      commit: () => Promise.reject(new Error('Connection terminated unexpectedly')),
      rollback: () => Promise.resolve(),
    })) as never);
  const query = jest.spyOn(sequelize, 'query').mockResolvedValue([[], 0]);
  await expect(group.submit({ id: 8, text: 'good' }, steadyNow() + 300)).rejects.toMatchObject({
    type: 'outcome-unknown',
  });
  query.mockRestore();
});
