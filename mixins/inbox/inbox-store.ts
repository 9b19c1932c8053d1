import type { Aggregate, InboxMessage, Poison } from './record.ts';

/** A message that is set aside, and why. */
export interface Parked {
  readonly message: InboxMessage;
  readonly poison: Poison;
}

/** What a node had in its hands of one partition: found after its death, it says where to look for the cause. */
export interface CrashMarker {
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  /** The record that was alone; null when the batch had others. */
  readonly aloneOffset: bigint | null;
  /** How often the process has died of that record alone, this attempt included. */
  readonly attempts: number;
}

/**
 * What settling a batch asks of the service's database: one consumer's inbox and dead letters.
 * The promises of `PostgresInboxStore` and of the simulator's store are one test suite.
 *
 * @typeParam T the transaction, as handlers are given it
 */
export interface SettleStore<T> {
  /**
   * Runs work in a transaction (READ COMMITTED): committed when it resolves, rolled back when it rejects.
   *
   * @throws what the work threw; or an error of COMMIT, after which it is unknown whether it was committed
   */
  transaction(work: (transaction: T) => Promise<void>): Promise<void>;
  /**
   * Takes the locks of aggregates until the transaction ends, in one order for everybody. Whoever parks, replays or
   * discards an aggregate's events holds its lock, so that "is something parked?" has one answer meanwhile.
   */
  lockAggregates(aggregates: readonly Aggregate[], transaction: T): Promise<void>;
  /** @returns the keys of those aggregates that have dead letters at this consumer */
  parkedAggregates(aggregates: readonly Aggregate[], transaction: T): Promise<Set<string>>;
  /** @returns payload hashes of those events that have inbox rows */
  settledHashes(eventIds: readonly string[], transaction: T): Promise<Map<string, Buffer>>;
  /**
   * Writes inbox rows, sorted by event id: two transactions with the same events in another order (a member that lost
   * its partitions in the middle of a batch, and its successor) would wait for each other. A row that another open
   * transaction has written is waited for.
   *
   * @param messages each with an event id of its own
   * @param attempt the how manieth of this batch: kept in its rows
   * @returns the event ids whose rows were not there
   */
  insertInboxRows(messages: readonly InboxMessage[], transaction: T, attempt?: number): Promise<Set<string>>;
  /**
   * Counts in inbox rows that their events were delivered again. Rows that are not there are none.
   *
   * @param eventIds at least one; an id as often as its event came
   */
  countDuplicates(eventIds: readonly string[], transaction: T): Promise<void>;
  /**
   * Writes dead letters, in order. A record that lies there already (the topic is read again) stays as it is.
   *
   * @param parked in the order in which they are to be replayed
   * @returns how many are new
   */
  park(parked: readonly Parked[], transaction: T): Promise<number>;
}

/** What a member of the group asks besides: markers of what it has in hand. */
export interface InboxStore<T> extends SettleStore<T> {
  /** @returns the markers of those partitions that have one */
  readMarkers(topic: string, partitions: readonly number[]): Promise<CrashMarker[]>;
  /** Writes markers, each in place of the one that its partition had. */
  writeMarkers(topic: string, markers: readonly CrashMarker[]): Promise<void>;
  /** The marker of a partition begins here from now on, with nothing alone. */
  advanceMarker(topic: string, partition: number, firstOffset: bigint, transaction: T): Promise<void>;
  /** One death less for the markers of these partitions. */
  forgiveMarkers(topic: string, partitions: readonly number[]): Promise<void>;
  /** @param transaction null: at once */
  removeMarkers(topic: string, partitions: readonly number[], transaction: T | null): Promise<void>;
}
