import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';

/** A week: some six partitions at a time, and no more than a week of rows kept too long. */
const PARTITION_MS = 7 * 24 * 60 * 60 * 1000;
/** Partitions made ahead: a node that is up only sometimes still finds them. */
const PARTITIONS_AHEAD = 4;
/** Any number that nothing else in these databases locks; spells "INBX". */
const LOCK = 0x494e4258;
const PREFIX = 'inbox_from_';

/** The weeks whose partitions should exist, and those whose partitions may go. Pure. */
export interface PartitionWindow {
  /** Starts of weeks, milliseconds since the epoch. */
  readonly wanted: readonly number[];
  /** A partition that ends at or before this is older than anything that the topic can still deliver. */
  readonly dropBefore: number;
}

export function partitionWindow(now: number, retentionMs: number): PartitionWindow {
  const thisWeek = Math.floor(now / PARTITION_MS) * PARTITION_MS;
  return {
    wanted: Array.from({ length: PARTITIONS_AHEAD + 1 }, (_, ahead) => thisWeek + ahead * PARTITION_MS),
    dropBefore: now - retentionMs,
  };
}

/** The smallest UUIDv7 of a millisecond. */
export function smallestUuidAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/**
 * Makes the inbox partitions of this and the coming weeks, and drops those that are older than the retention. Of
 * several nodes one does it; the others find nothing left.
 *
 * @param retentionMs how long inbox rows are kept: at least as long as the topics keep their records, and a margin
 * @param now milliseconds since the epoch
 */
export async function renewInboxPartitions(sequelize: Sequelize, retentionMs: number, now = Date.now()): Promise<void> {
  const window = partitionWindow(now, retentionMs);
  const there = await existingPartitions(sequelize);
  for (const start of window.wanted) {
    if (!there.includes(start)) {
      await exclusively(sequelize, (transaction) => makePartition(sequelize, start, transaction));
    }
  }
  for (const start of there) {
    if (start + PARTITION_MS > window.dropBefore) continue;
    await exclusively(sequelize, (transaction) =>
      sequelize.query(`DROP TABLE IF EXISTS ${nameOf(start)}`, { transaction }),
    );
  }
  if (window.dropBefore === -Infinity) return;
  // Ids without a time of their own go by the time at which they came.
  await sequelize.query('DELETE FROM inbox_default WHERE received_at < $1', { bind: [new Date(window.dropBefore)] });
}

function nameOf(start: number): string {
  return `${PREFIX}${new Date(start).toISOString().slice(0, 10).replaceAll('-', '_')}`;
}

async function existingPartitions(sequelize: Sequelize, transaction: Transaction | null = null): Promise<number[]> {
  const rows = await sequelize.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'inbox'::regclass`,
    { type: QueryTypes.SELECT, transaction },
  );
  return rows.flatMap(({ name }) =>
    name.startsWith(PREFIX) ? Date.parse(`${name.slice(PREFIX.length).replaceAll('_', '-')}T00:00:00Z`) : [],
  );
}

async function exclusively(sequelize: Sequelize, work: (transaction: Transaction) => Promise<unknown>): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    await sequelize.query('SELECT pg_advisory_xact_lock($1)', { bind: [LOCK], transaction });
    await work(transaction);
  });
}

/** Rows of that week that came before their partition are moved into it: they would make the attaching fail. */
async function makePartition(sequelize: Sequelize, start: number, transaction: Transaction): Promise<void> {
  if ((await existingPartitions(sequelize, transaction)).includes(start)) return;
  const name = nameOf(start);
  const bounds = [smallestUuidAt(start), smallestUuidAt(start + PARTITION_MS)];
  await sequelize.query(`CREATE TABLE ${name} (LIKE inbox INCLUDING ALL)`, { transaction });
  await sequelize.query('LOCK TABLE inbox_default IN ACCESS EXCLUSIVE MODE', { transaction });
  await sequelize.query(
    `WITH moved AS (DELETE FROM inbox_default WHERE event_id >= $1 AND event_id < $2 RETURNING *) INSERT INTO ${name} SELECT * FROM moved`,
    { bind: bounds, transaction },
  );
  // Bounds of partitions cannot be bound parameters; these are made of digits here.
  await sequelize.query(
    `ALTER TABLE inbox ATTACH PARTITION ${name} FOR VALUES FROM ('${bounds[0] ?? ''}') TO ('${bounds[1] ?? ''}')`,
    {
      transaction,
    },
  );
}

/** Start of the oldest week of which the inbox keeps rows by their ids' time, milliseconds since the epoch; null when there is none. */
export async function inboxReachesBackTo(sequelize: Sequelize): Promise<number | null> {
  const starts = await existingPartitions(sequelize);
  return starts.length === 0 ? null : Math.min(...starts);
}
