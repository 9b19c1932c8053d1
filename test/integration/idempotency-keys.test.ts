import { steadyNow } from '../../kafka/deadline.ts';
import type { Answered } from '../../mixins/group-commit.ts';
import { idempotencyKeyOf } from '../../mixins/idempotency-keys/idempotency-key.ts';
import { KeyExpiry } from '../../mixins/idempotency-keys/key-expiry.ts';
import { eventually } from '../support/eventually.ts';
import { gate } from '../support/gate.ts';
import { loseCommits, notesDatabase, type NotesDatabase, type NotesNode } from '../support/notes.ts';
import { silentLogger } from '../support/silent-logger.ts';

let database: NotesDatabase;
let node: NotesNode;
let otherNode: NotesNode;
let lastId: number;

beforeAll(async () => {
  database = await notesDatabase();
});

beforeEach(async () => {
  await database.clear();
  [node, otherNode] = [database.node(), database.node()];
  lastId = 0;
});

afterAll(() => database.drop());

interface Request {
  readonly key?: string;
  readonly text?: string;
  readonly at?: NotesNode;
  readonly user?: string;
  readonly timeoutMs?: number;
}

/** A request of its own: a note with an id that no other request has. */
function send({
  key,
  text = 'good',
  at = node,
  user = 'alice',
  timeoutMs = 60_000,
}: Request): Promise<Answered<string>> {
  return at.group.submit(
    { id: ++lastId, text },
    {
      deadline: steadyNow() + timeoutMs,
      key: idempotencyKeyOf(
        { meta: { idempotencyKey: key }, action: { name: 'notes.add' } },
        { userId: user, ...{ text } },
      ),
    },
  );
}

/** What each request was told: its answer, `replayed` before it, or the type of its error. */
async function told(requests: readonly Promise<Answered<string>>[]): Promise<string[]> {
  const settled = await Promise.allSettled(requests);
  return settled.map((each) => {
    if (each.status === 'fulfilled') return `${each.value.replayed ? 'replayed ' : ''}${each.value.answer}`;
    const { type, message } = each.reason as { type?: string; message: string };
    return type ?? message;
  });
}

async function keptKeys(): Promise<unknown[]> {
  return (await database.rows('SELECT key FROM idempotency_keys ORDER BY key')).map(({ key }) => key);
}

/** Keeps the node's next write open before its COMMIT; resolves when it is there. */
function holdNextWrite(at: NotesNode): { readonly reached: Promise<void>; readonly release: () => void } {
  const [reached, released] = [gate(), gate()];
  at.beforeCommit = async () => {
    reached.open();
    await released.passed;
  };
  return { reached: reached.passed, release: released.open };
}

describe('one key', () => {
  test('fifty requests of one key in one batch have one effect, and all get its answer', async () => {
    const answers = await told(Array.from({ length: 50 }, () => send({ key: 'k' })));
    expect(answers).toEqual(['note 1', ...Array<string>(49).fill('replayed note 1')]);
    expect(node.batches).toEqual([1]);
    expect(await database.stored()).toEqual([1]);
  });

  test('a later request gets the first answer, at every node, and nothing is written', async () => {
    await send({ key: 'k' });
    expect(await told([send({ key: 'k' }), send({ key: 'k', at: otherNode })])).toEqual(
      Array(2).fill('replayed note 1'),
    );
    expect(await database.stored()).toEqual([1]);
  });

  test('while the first is running at another node the key is in use; afterwards its answer is replayed', async () => {
    const held = holdNextWrite(node);
    const first = send({ key: 'k' });
    await held.reached;
    expect(await told([send({ key: 'k', at: otherNode }), send({ at: otherNode })])).toEqual([
      'idempotency-key-in-use',
      'note 3',
    ]);
    held.release();
    expect(await told([first])).toEqual(['note 1']);
    expect(await told([send({ key: 'k', at: otherNode })])).toEqual(['replayed note 1']);
    expect(await database.stored()).toEqual([1, 3]);
  });

  test('requests that meet on two nodes, time and again, have one effect for each key', async () => {
    for (let round = 0; round < 30; round++) {
      await database.clear();
      const requests = Array.from({ length: 50 }, (_, index) =>
        send({ key: `k${index % 5}`, at: index % 2 === 0 ? node : otherNode }),
      );
      const answers = await told(requests);
      expect(answers.filter((answer) => !/note \d+$|^idempotency-key-in-use$/.test(answer))).toEqual([]);
      const stored = await database.stored();
      expect(stored).toHaveLength(5);
      expect(new Set(answers.flatMap((answer) => /note \d+$/.exec(answer) ?? []))).toEqual(
        new Set(stored.map((id) => `note ${id}`)),
      );
    }
  });

  test('a lock that comes free while another waits to take it shows what its last holder has committed', async () => {
    // A statement whose snapshot is taken before it gets the lock: the lock itself is made to wait behind a gate.
    await database.rows(`
      CREATE OR REPLACE FUNCTION public.pg_try_advisory_xact_lock(id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(4711);
        RETURN pg_catalog.pg_try_advisory_xact_lock(id);
      END $$`);
    const slow = database.node({ searchPath: 'public,pg_catalog' });
    const keeper = database.node();
    const closed = await keeper.sequelize.transaction();
    await keeper.sequelize.query('SELECT pg_advisory_xact_lock(4711)', { transaction: closed });
    const second = send({ key: 'k', at: slow });
    await eventually(async () => {
      expect(await database.rows(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).toHaveLength(1);
    });
    await send({ key: 'k' });
    await closed.commit();
    expect(await told([second])).toEqual(['replayed note 2']);
    expect(await database.stored()).toEqual([2]);
  });

  test('other values are refused, and have no effect', async () => {
    await send({ key: 'k' });
    expect(await told([send({ key: 'k', text: 'other' })])).toEqual(['idempotency-key-reused']);
    expect(await database.stored()).toEqual([1]);
  });

  test('other values in the same batch are refused for now, and afterwards for good', async () => {
    expect(await told([send({ key: 'k' }), send({ key: 'k', text: 'other' })])).toEqual([
      'note 1',
      'idempotency-key-in-use',
    ]);
    expect(await told([send({ key: 'k', text: 'other' })])).toEqual(['idempotency-key-reused']);
    expect(await database.stored()).toEqual([1]);
  });

  test('of two users is two keys', async () => {
    expect(await told([send({ key: 'k' }), send({ key: 'k', user: 'bob' })])).toEqual(['note 1', 'note 2']);
    expect(await told([send({ key: 'k', user: 'bob' })])).toEqual(['replayed note 2']);
  });
});

describe('a request that fails', () => {
  test('keeps nothing: the same key succeeds later', async () => {
    // The same values fail once and then not, as a deposit does whose account is opened in between.
    await database.rows(`INSERT INTO notes VALUES (1, 'in the way')`);
    expect(await told([send({ key: 'k' })])).toEqual(['Validation error']);
    expect(await keptKeys()).toEqual([]);
    expect(await told([send({ key: 'k' }), send({ key: 'k' })])).toEqual(['note 2', 'replayed note 2']);
  });

  test('is told to everyone of its key in the batch, and kept for none', async () => {
    const requests = Array.from({ length: 3 }, () => send({ key: 'k', text: 'refused' }));
    expect(await told(requests)).toEqual(Array(3).fill('refused alone'));
    expect(await keptKeys()).toEqual([]);
  });

  test('leaves its neighbours alone: conflicts, replays and refusals share a batch with good ones', async () => {
    await send({ key: 'done' });
    const held = holdNextWrite(otherNode);
    const running = send({ key: 'running', at: otherNode });
    await held.reached;
    const answers = await told([
      send({ key: 'new' }),
      send({ key: 'done' }),
      send({ key: 'done', text: 'other' }),
      send({ key: 'running' }),
      send({ key: 'broken', text: 'bad' }),
      send({}),
      send({ key: 'new' }),
      send({ key: 'failed', text: 'refused' }),
    ]);
    held.release();
    await running;
    expect(answers).toEqual([
      'note 3',
      'replayed note 1',
      'idempotency-key-reused',
      'idempotency-key-in-use',
      expect.stringContaining('violates check constraint'),
      'note 8',
      'replayed note 3',
      'refused alone',
    ]);
    expect(await keptKeys()).toEqual(['done', 'new', 'running']);
  });
});

describe('a commit without an answer', () => {
  test('that took effect gives the first answer, not as replayed, and to others of its key as replayed', async () => {
    loseCommits(node.sequelize, ({ commit }) => commit());
    expect(await told([send({ key: 'k' }), send({ key: 'k' }), send({})])).toEqual([
      'note 1',
      'replayed note 1',
      'note 3',
    ]);
    expect(await database.stored()).toEqual([1, 3]);
    // Those without a key are looked up by their ids.
    expect(node.batches).toEqual([2, 1]);
  });

  test('that did not take effect is done now, once', async () => {
    loseCommits(node.sequelize, ({ rollback }) => rollback());
    expect(await told([send({ key: 'k' }), send({ key: 'k' })])).toEqual(['note 1', 'replayed note 1']);
    expect(await database.stored()).toEqual([1]);
    expect(await keptKeys()).toEqual(['k']);
  });

  test('that did not take effect leaves no key behind: whoever sends it again has the effect', async () => {
    loseCommits(node.sequelize, ({ rollback }) => rollback(), 5);
    expect(await told([send({ key: 'k', timeoutMs: 300 })])).toEqual(['outcome-unknown']);
    expect(await keptKeys()).toEqual([]);
    expect(await told([send({ key: 'k', at: otherNode })])).toEqual(['note 2']);
    expect(await database.stored()).toEqual([2]);
  });

  test.each(['commit', 'rollback'] as const)(
    'whose transaction is still on its way is waited for, until its %s, and is no conflict with itself',
    async (end) => {
      const [lost, ended] = [gate(), gate()];
      loseCommits(node.sequelize, (transaction) => {
        void ended.passed.then(() => transaction[end]());
        lost.open();
        return Promise.resolve();
      });
      const first = send({ key: 'k' });
      await lost.passed;
      const meanwhile = await told([send({ key: 'k', at: otherNode })]);
      ended.open();
      expect(meanwhile).toEqual(['idempotency-key-in-use']);
      expect(await told([first])).toEqual(['note 1']);
      expect(await database.stored()).toEqual([1]);
    },
  );

  test('that did not take effect while somebody else was faster gives that answer, as replayed', async () => {
    loseCommits(node.sequelize, async ({ rollback }) => {
      await rollback();
      await send({ key: 'k', at: otherNode });
    });
    expect(await told([send({ key: 'k' })])).toEqual(['replayed note 2']);
    expect(await database.stored()).toEqual([2]);
  });
});

describe('expiry', () => {
  const OLD_KEYS = 100_000;

  test('deletes what is too old in bounded statements, on two nodes at once, and leaves live keys', async () => {
    await database.rows(`
      INSERT INTO idempotency_keys
      SELECT 'notes.add alice', age || '-' || n, '\\x00', gen_random_uuid(), '"an answer"', now() - age::interval
        FROM (VALUES ('25 hours', ${OLD_KEYS}), ('24 hours 1 minute', 10), ('23 hours 59 minutes', 10), ('0 hours', 10)) AS ages (age, keys),
             generate_series(1, keys) AS n`);
    // The database itself keeps account of what a statement deletes.
    await database.rows(`
      CREATE TABLE deletions (rows bigint);
      CREATE FUNCTION count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO deletions SELECT count(*) FROM gone; RETURN NULL; END $$;
      CREATE TRIGGER count_deleted AFTER DELETE ON idempotency_keys REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION count_deleted()`);
    const deleteAll = async ({ sequelize }: NotesNode): Promise<number> => {
      const expiry = new KeyExpiry({ sequelize, keepHours: 24, logger: silentLogger });
      let sum = 0;
      for (let deleted = -1; deleted !== 0; sum += deleted) deleted = await expiry.runOnce();
      return sum;
    };
    const deleted = await Promise.all([node, otherNode].map(deleteAll));
    expect((deleted[0] ?? 0) + (deleted[1] ?? 0)).toBe(OLD_KEYS + 10);
    expect(Math.min(...deleted)).toBeGreaterThan(0);
    const [{ most, sum } = {}] = await database.rows(
      'SELECT max(rows)::int AS most, sum(rows)::int AS sum FROM deletions',
    );
    expect({ most, sum }).toEqual({ most: 1000, sum: OLD_KEYS + 10 });
    const left = await database.rows(
      `SELECT created_at > now() - interval '24 hours' AS live, count(*)::int FROM idempotency_keys GROUP BY 1`,
    );
    expect(left).toEqual([{ live: true, count: 20 }]);
    await database.rows('DROP TRIGGER count_deleted ON idempotency_keys; DROP TABLE deletions');
  });

  test('a key that expired can be used anew', async () => {
    await send({ key: 'k' });
    await database.rows(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours'`);
    const expiry = new KeyExpiry({ sequelize: node.sequelize, keepHours: 24, logger: silentLogger });
    expect(await expiry.runOnce()).toBe(1);
    expect(await told([send({ key: 'k', text: 'other' })])).toEqual(['note 2']);
  });

  test('the loop goes on after a fault, and ends at once when it is stopped', async () => {
    const warned: string[] = [];
    const expiry = new KeyExpiry({
      sequelize: database.node({ searchPath: 'nowhere' }).sequelize,
      keepHours: 24,
      logger: { ...silentLogger, warn: (text: string) => warned.push(text) },
    });
    expiry.start();
    await eventually(() => {
      expect(warned).toEqual([expect.stringContaining('Old idempotency keys were not deleted')]);
    });
    await expiry.stop();
  });
});
