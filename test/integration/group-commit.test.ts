import { steadyNow } from '../../kafka/deadline.ts';
import { currentRequestId, withRequestId } from '../../logs/request-context.ts';
import type { Answered } from '../../mixins/group-commit.ts';
import { loseCommits, notesDatabase, type NotesDatabase, type NotesNode } from '../support/notes.ts';

let database: NotesDatabase;
let node: NotesNode;

beforeAll(async () => {
  database = await notesDatabase();
});

beforeEach(async () => {
  await database.clear();
  node = database.node();
});

afterAll(() => database.drop());

const inAMinute = (): number => steadyNow() + 60_000;

async function answerTo(answered: Promise<Answered<string>>): Promise<string> {
  return (await answered).answer;
}

test('what is written for several requests is not logged under the id of the first one', async () => {
  const ids: unknown[] = [];
  node.beforeCommit = () => Promise.resolve(ids.push(currentRequestId()));
  const submit = (id: number): Promise<string> =>
    withRequestId(`request ${id}`, async () => {
      await node.group.submit({ id, text: 'good' }, { deadline: inAMinute() });
      return currentRequestId() ?? 'none';
    });
  expect(await Promise.all([1, 2].map(submit))).toEqual(['request 1', 'request 2']);
  expect(ids).toEqual([undefined]);
});

test('writes that arrive together share a transaction, and each gets its own answer', async () => {
  const { group } = node;
  const answers = await Promise.all(
    [1, 2, 3].map((id) => answerTo(group.submit({ id, text: 'good' }, { deadline: inAMinute() }))),
  );
  expect(answers).toEqual(['note 1', 'note 2', 'note 3']);
  expect(node.batches).toEqual([3]);
  expect(await database.stored()).toEqual([1, 2, 3]);
});

test('a write that the database refuses fails alone', async () => {
  const { group } = node;
  const settled = await Promise.allSettled(
    ['good', 'bad', 'good', 'good', 'good'].map((text, id) => group.submit({ id, text }, { deadline: inAMinute() })),
  );
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(await database.stored()).toEqual([0, 2, 3, 4]);
});

test('a write that is refused by decision fails alone', async () => {
  const { group } = node;
  const refused = group.submit({ id: 1, text: 'refused' }, { deadline: inAMinute() });
  const good = group.submit({ id: 2, text: 'good' }, { deadline: inAMinute() });
  await expect(refused).rejects.toThrow('refused alone');
  await expect(good).resolves.toEqual({ answer: 'note 2', replayed: false });
});

test('a write whose caller has given up is not begun', async () => {
  const { group } = node;
  await expect(group.submit({ id: 1, text: 'good' }, { deadline: steadyNow() - 1 })).rejects.toMatchObject({
    type: 'service-unavailable',
  });
  expect(await database.stored()).toEqual([]);
});

test('a commit without an answer is looked up: done once, answered once', async () => {
  // The session is ended by another one right before COMMIT reaches it the first time.
  let cuts = 0;
  node.beforeCommit = async () => {
    if (cuts++ === 0) await database.cutOpenTransactions();
  };
  const { group } = node;
  const answers = await Promise.all(
    [1, 2].map((id) => answerTo(group.submit({ id, text: 'good' }, { deadline: inAMinute() }))),
  );
  expect(answers).toEqual(['note 1', 'note 2']);
  expect(cuts).toBe(2);
  expect(await database.stored()).toEqual([1, 2]);
});

test('a commit that took effect but whose answer was lost is not done twice', async () => {
  const { group } = node;
  loseCommits(node.sequelize, ({ commit }) => commit());
  const answer = await group.submit({ id: 7, text: 'good' }, { deadline: inAMinute() });
  expect(node.batches).toEqual([1, 1]);
  expect(answer).toEqual({ answer: 'note 7', replayed: false });
  expect(await database.stored()).toEqual([7]);
});

test('a commit whose outcome cannot be found out in time is said to be unknown', async () => {
  const { group } = node;
  jest.spyOn(node.sequelize, 'transaction').mockImplementation((() =>
    Promise.resolve({
      commit: () => Promise.reject(new Error('Connection terminated unexpectedly')),
      rollback: () => Promise.resolve(),
    })) as never);
  const query = jest.spyOn(node.sequelize, 'query').mockResolvedValue([[], 0]);
  await expect(group.submit({ id: 8, text: 'good' }, { deadline: steadyNow() + 300 })).rejects.toMatchObject({
    type: 'outcome-unknown',
  });
  query.mockRestore();
});
