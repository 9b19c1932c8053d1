import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Parked } from '../inbox-store.ts';
import { PostgresInboxStore, type InboxContext } from '../postgres-inbox-store.ts';
import type { InboxMessage } from '../record.ts';

/**
 * The consumer's own inbox, for a replay. Crash markers belong to the member of the group that holds a partition: a replay
 * beside it leaves them alone.
 */
export class ReplayStore extends PostgresInboxStore {
  /** A replay counts what was done before in a record of its own; a row for each of a million would be written for nothing. */
  override countDuplicates(): Promise<void> {
    return Promise.resolve();
  }

  override readMarkers(): Promise<[]> {
    return Promise.resolve([]);
  }

  override writeMarkers(): Promise<void> {
    return Promise.resolve();
  }

  override advanceMarker(): Promise<void> {
    return Promise.resolve();
  }

  override forgiveMarkers(): Promise<void> {
    return Promise.resolve();
  }

  override removeMarkers(): Promise<void> {
    return Promise.resolve();
  }
}

/** The same, for a dry run: says what would be written, and writes nothing. */
export class DryRunStore extends ReplayStore {
  readonly #sequelize: Sequelize;
  readonly #consumer: string;

  constructor(context: InboxContext) {
    super(context);
    this.#sequelize = context.sequelize;
    this.#consumer = context.consumer;
  }

  override lockAggregates(): Promise<void> {
    return Promise.resolve();
  }

  override async insertInboxRows(messages: readonly InboxMessage[], transaction: Transaction): Promise<Set<string>> {
    const ids = messages.flatMap(({ eventId }) => eventId ?? []);
    const settled = await this.settledHashes(ids, transaction);
    return new Set(ids.filter((id) => !settled.has(id)));
  }

  override async park(parked: readonly Parked[], transaction: Transaction): Promise<number> {
    const records = parked.map(({ message }) => message.record);
    const there = await this.#sequelize.query(
      `SELECT FROM dead_letters
        WHERE consumer = $1 AND (topic, partition, "offset") IN (SELECT * FROM unnest($2::text[], $3::int[], $4::bigint[]))`,
      {
        bind: [
          this.#consumer,
          records.map(({ topic }) => topic),
          records.map(({ partition }) => partition),
          records.map(({ offset }) => offset.toString()),
        ],
        transaction,
        type: QueryTypes.SELECT,
      },
    );
    return parked.length - there.length;
  }
}
