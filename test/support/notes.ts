import { Sequelize, type Transaction } from 'sequelize';
import { GroupCommit, PostgresWriteStore, type Outcome } from '../../mixins/group-commit.ts';
import { idempotencyKeyMigrations } from '../../mixins/idempotency-keys.mixin.ts';
import { migrate } from '../../mixins/database/migrate.ts';
import { freshDatabase } from './database.ts';

/** A write by group commit in another domain: notes, of which the database refuses the text 'bad'. */
export interface Note {
  readonly id: number;
  readonly text: string;
}

/** A pool of its own on the notes' database, with its group: what a node has. */
export interface NotesNode {
  readonly sequelize: Sequelize;
  readonly group: GroupCommit<Note, string>;
  /** Sizes of the batches that were written. */
  readonly batches: number[];
  /** Awaited after each write, before its COMMIT. */
  beforeCommit: () => Promise<unknown>;
}

export interface NotesDatabase {
  node(options?: { readonly searchPath?: string }): NotesNode;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** Ids of the notes that are stored. */
  stored(): Promise<number[]>;
  /** Ends every session that waits for its next statement in a transaction. */
  cutOpenTransactions(): Promise<void>;
  clear(): Promise<void>;
  drop(): Promise<void>;
}

export async function notesDatabase(): Promise<NotesDatabase> {
  const database = await freshDatabase();
  await migrate(database.url, [
    { name: 'notes', up: `CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL CHECK (text <> 'bad'))` },
    ...idempotencyKeyMigrations,
  ]);
  const pools: Sequelize[] = [];
  const pool = (options = ''): Sequelize => {
    const dialectOptions = options === '' ? {} : { options };
    const sequelize = new Sequelize(database.url, {
      dialect: 'postgres',
      logging: false,
      retry: { max: 0 },
      dialectOptions,
    });
    pools.push(sequelize);
    return sequelize;
  };
  const own = pool();
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => {
    const [found] = await own.query(sql);
    return found as Record<string, unknown>[];
  };
  return {
    rows,
    node: ({ searchPath } = {}) => notesNode(pool(searchPath === undefined ? '' : `-c search_path=${searchPath}`)),
    stored: async () => (await rows('SELECT id FROM notes ORDER BY id')).map(({ id }) => id as number),
    cutOpenTransactions: async () => {
      await rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND state = 'idle in transaction'`);
    },
    clear: async () => {
      await rows('TRUNCATE notes, idempotency_keys');
    },
    drop: async () => {
      await Promise.all(pools.map((each) => each.close()));
      await database.drop();
    },
  };
}

function notesNode(sequelize: Sequelize): NotesNode {
  const batches: number[] = [];
  const node: NotesNode = {
    sequelize,
    batches,
    beforeCommit: () => Promise.resolve(),
    group: new GroupCommit<Note, string>({
      what: 'note',
      store: new PostgresWriteStore(sequelize),
      write: async (notes, { transaction, again }) => {
        batches.push(notes.length);
        await sequelize.query(
          `INSERT INTO notes SELECT * FROM unnest($1::integer[], $2::text[]) ${again ? 'ON CONFLICT DO NOTHING' : ''}`,
          { bind: [notes.map(({ id }) => id), notes.map(({ text }) => text)], transaction },
        );
        await node.beforeCommit();
        return notes.map(({ id, text }): Outcome<string> =>
          text === 'refused' ? { error: new Error('refused alone') } : { ok: `note ${id}` },
        );
      },
    }),
  };
  return node;
}

/**
 * COMMITs of this pool get no answer: their callers hear of a broken connection.
 *
 * @param happens in its place: it may commit, roll back, or leave that for later
 * @param times how many of the next ones
 */
export function loseCommits(
  sequelize: Sequelize,
  happens: (transaction: Pick<Transaction, 'commit' | 'rollback'>) => Promise<unknown>,
  times = 1,
): void {
  const begin = sequelize.transaction.bind(sequelize);
  const losing = async (): Promise<Transaction> => {
    const begun = await begin();
    const ends = { commit: begun.commit.bind(begun), rollback: begun.rollback.bind(begun) };
    begun.commit = async () => {
      await happens(ends);
      throw new Error('Connection terminated unexpectedly');
    };
    return begun;
  };
  const spy = jest.spyOn(sequelize, 'transaction');
  for (let time = 0; time < times; time++) spy.mockImplementationOnce(losing);
}
