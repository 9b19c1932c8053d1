import {
  IDLE_IN_TRANSACTION_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
  TRANSACTION_TIMEOUT_MS,
} from '../../mixins/database/session-limits.ts';
import type { Snapshot } from '../../mixins/outbox/snapshot.ts';
import type { FaultDice } from '../fault-dice.ts';
import type { Operation, Process, Scheduler } from '../scheduler.ts';
import { connectionLost, DatabaseError } from './errors.ts';
import type { Table, Write } from './table.ts';

/** A statement: it yields the name of each lock that it needs, and goes on once its transaction has it. */
export type Statement<Result> = Generator<string, Result>;

/** The lock that a transaction waits for, and how it goes on. */
interface Waiting {
  readonly lock: string;
  readonly goOn: () => void;
  readonly fail: (error: Error) => void;
}

/** `failed`: after an error of a statement. `cut`: its client is gone, and it still holds what it holds. */
type State = 'open' | 'failed' | 'cut' | 'ended';

export class Transaction {
  readonly database: Database;
  readonly id: number;
  /** Given when it begins to write: what a snapshot tells of it. */
  number: number | null = null;
  readonly process: Process;
  state: State = 'open';
  beganAtMs = 0;
  activeAtMs = 0;
  readonly writes = new Map<Table<unknown>, Map<string, unknown>>();
  readonly locks = new Set<string>();
  waiting: Waiting | null = null;
  /** Statements that were sent and are not answered, each with how it begins: one runs at a time, in that order. */
  readonly statements: (() => void)[] = [];
  /** The next look at its time limits. */
  watch: Operation | null = null;

  constructor(database: Database, id: number, process: Process) {
    this.database = database;
    this.id = id;
    this.process = process;
  }

  commit(): Promise<void> {
    return this.database.commit(this);
  }

  rollback(): Promise<void> {
    return this.database.rollback(this);
  }
}

export interface DatabaseHooks {
  /** Told what has become visible, at once. */
  readonly onCommit: (writes: readonly Write[]) => void;
  readonly count: (what: string) => void;
}

const WAITS = Symbol('waits for a lock');

/**
 * One database, as far as the product relies on PostgreSQL: transactions with READ COMMITTED, row locks that wait,
 * unique keys that wait for the other open transaction, deadlocks, time limits of a session, and a COMMIT that fails
 * or whose answer is lost. What it claims, `test/conformance/` asks of PostgreSQL, too.
 */
export class Database {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly #dice: FaultDice;
  readonly #hooks: DatabaseHooks;
  readonly #open = new Set<Transaction>();
  readonly #holders = new Map<string, Transaction>();
  #transactions = 0;
  #writers = 0;
  #ids = 0;
  isDown = false;

  constructor(name: string, scheduler: Scheduler, dice: FaultDice, hooks: DatabaseHooks) {
    this.name = name;
    this.scheduler = scheduler;
    this.#dice = dice;
    this.#hooks = hooks;
  }

  /** Of an identity column: taken at once and never given back, so rows become visible out of the order of their ids. */
  nextId(): number {
    return ++this.#ids;
  }

  /** Which transactions have ended, and which have not begun to write, by their numbers. */
  snapshot(): Snapshot {
    const next = this.#writers + 1;
    return { oldestRunning: Math.min(next, ...[...this.#open].map(({ number }) => number ?? next)), next };
  }

  begin(process: Process): Promise<Transaction> {
    return this.scheduler.call(process, `${this.name} BEGIN`, () => {
      const transaction = new Transaction(this, ++this.#transactions, process);
      this.#enter(transaction);
      return transaction;
    });
  }

  /** Runs one statement in a transaction; an error leaves that good for nothing but a rollback. */
  execute<Result>(transaction: Transaction, label: string, statement: () => Statement<Result>): Promise<Result> {
    return this.#run(transaction, label, statement, {
      before: () => {
        this.#strike(transaction);
      },
      after: () => undefined,
    });
  }

  /** Runs one statement that is a transaction of its own. */
  executeAlone<Result>(
    process: Process,
    label: string,
    statement: (transaction: Transaction) => Statement<Result>,
  ): Promise<Result> {
    const transaction = new Transaction(this, ++this.#transactions, process);
    return this.#run(transaction, label, () => statement(transaction), {
      before: () => {
        this.#enter(transaction);
      },
      after: () => {
        this.#commitNow(transaction);
      },
    }).catch((error: unknown) => {
      if (transaction.state !== 'cut') this.#end(transaction);
      throw error;
    });
  }

  /** For a statement: makes sure that its transaction has a lock. */
  *lock(transaction: Transaction, name: string): Statement<void> {
    if (!transaction.locks.has(name)) yield name;
  }

  /** A row as this transaction sees it now: its own write, or what is committed. */
  read<Row>(transaction: Transaction, table: Table<Row>, key: string): Row | undefined {
    const own = transaction.writes.get(table);
    return own?.has(key) === true ? (own.get(key) as Row | undefined) : table.rows.get(key);
  }

  /** All rows as this transaction sees them now: what is committed, and its own writes. */
  readAll<Row>(transaction: Transaction, table: Table<Row>): Row[] {
    const rows = new Map<string, unknown>([...table.rows, ...(transaction.writes.get(table) ?? [])]);
    return [...rows.values()].filter((row) => row !== undefined) as Row[];
  }

  /** @param row undefined deletes */
  write<Row>(transaction: Transaction, table: Table<Row>, key: string, row: Row | undefined): void {
    transaction.number ??= ++this.#writers;
    let own = transaction.writes.get(table);
    if (own === undefined) transaction.writes.set(table, (own = new Map<string, unknown>()));
    own.set(key, row);
  }

  /** @returns whether the row was written: not, if its key is there. Waits for whoever is writing that key. */
  *insert<Row>(transaction: Transaction, table: Table<Row>, key: string, row: Row): Statement<boolean> {
    const lock = table.lockOf(key);
    const isHeld = transaction.locks.has(lock);
    yield* this.lock(transaction, lock);
    if (this.read(transaction, table, key) !== undefined) {
      if (!isHeld) this.#release(transaction, lock);
      return false;
    }
    this.write(transaction, table, key, row);
    return true;
  }

  /**
   * Takes the lock of a row that is meant, then reads the row as it is by then. One that is not there, or not meant as
   * it is committed, is not waited for.
   *
   * @returns undefined when it is gone, or not meant any more
   */
  *lockRow<Row>(
    transaction: Transaction,
    table: Table<Row>,
    key: string,
    isMeant: (row: Row) => boolean = () => true,
  ): Statement<Row | undefined> {
    const seen = this.read(transaction, table, key);
    if (seen === undefined || !isMeant(seen)) return undefined;
    yield* this.lock(transaction, table.lockOf(key));
    transaction.number ??= ++this.#writers;
    const row = this.read(transaction, table, key);
    return row !== undefined && isMeant(row) ? row : undefined;
  }

  /** Takes a lock if nobody else has it. */
  tryLock(transaction: Transaction, name: string): boolean {
    const holder = this.#holders.get(name);
    if (holder !== undefined && holder !== transaction) return false;
    this.#take(transaction, name);
    return true;
  }

  commit(transaction: Transaction): Promise<void> {
    const label = `${this.name} T${transaction.id} COMMIT`;
    // What was sent before its process died may still be done.
    const survives = true;
    return this.scheduler.call(
      transaction.process,
      label,
      () => {
        this.#commitNow(transaction);
      },
      survives,
    );
  }

  rollback(transaction: Transaction): Promise<void> {
    return this.scheduler.call(transaction.process, `${this.name} T${transaction.id} ROLLBACK`, () => {
      if (transaction.state === 'cut' || transaction.state === 'ended') throw connectionLost();
      this.#end(transaction);
    });
  }

  /** A process has died: its sessions end, some after a while. */
  endSessionsOf(process: Process): void {
    for (const transaction of [...this.#open]) {
      if (transaction.process === process && transaction.state !== 'cut') this.#cut(transaction, false);
    }
  }

  /** The server stops in immediate mode: every transaction is gone. */
  crash(): void {
    for (const transaction of [...this.#open]) {
      const { waiting } = transaction;
      this.#end(transaction);
      waiting?.fail(connectionLost());
    }
  }

  /** How many transactions wait for a lock. */
  get waitingTransactions(): number {
    return [...this.#open].filter(({ waiting }) => waiting !== null).length;
  }

  assertUp(): void {
    if (this.isDown) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  }

  #enter(transaction: Transaction): void {
    this.assertUp();
    if (this.#dice.hits('connection refused')) throw new DatabaseError('53300', 'sorry, too many clients already');
    transaction.beganAtMs = this.scheduler.nowMs;
    transaction.activeAtMs = this.scheduler.nowMs;
    this.#open.add(transaction);
    this.#watch(transaction, IDLE_IN_TRANSACTION_TIMEOUT_MS);
  }

  #run<Result>(
    transaction: Transaction,
    label: string,
    statement: () => Statement<Result>,
    around: { readonly before: () => void; readonly after: () => void },
  ): Promise<Result> {
    const { process } = transaction;
    const name = `${this.name} T${transaction.id} ${label}`;
    return new Promise((resolve, reject) => {
      const answered = (answer: () => void): void => {
        process.deliver(answer);
        transaction.statements.shift();
        transaction.statements[0]?.();
      };
      const fail = (error: Error): void => {
        if (transaction.state === 'open') transaction.state = 'failed';
        answered(() => {
          reject(error);
        });
      };
      let running: Statement<Result> | null = null;
      const goOn = (): void => {
        transaction.waiting = null;
        transaction.activeAtMs = this.scheduler.nowMs;
        try {
          this.#assertUsable(transaction);
          if (running === null) around.before();
          running ??= statement();
          const result = this.#advance(transaction, running, { goOn, fail, name });
          if (result === WAITS) return;
          around.after();
          answered(() => {
            resolve(result);
          });
        } catch (error) {
          fail(error as Error);
        }
      };
      const begin = (): void => {
        this.scheduler.add(process, name, goOn);
      };
      transaction.statements.push(begin);
      if (transaction.statements.length === 1) begin();
    });
  }

  #assertUsable(transaction: Transaction): void {
    if (transaction.state === 'ended' || transaction.state === 'cut') throw connectionLost();
    if (transaction.state === 'failed') {
      throw new DatabaseError(
        '25P02',
        'current transaction is aborted, commands ignored until end of transaction block',
      );
    }
  }

  /** What may hit any statement. */
  #strike(transaction: Transaction): void {
    if (this.#dice.hits('connection lost')) {
      this.#cut(transaction, false);
      throw connectionLost();
    }
    if (this.#dice.hits('serialization failure')) throw new DatabaseError('40001', 'could not serialize access');
  }

  #advance<Result>(
    transaction: Transaction,
    statement: Statement<Result>,
    { goOn, fail, name }: { goOn: () => void; fail: (error: Error) => void; name: string },
  ): Result | typeof WAITS {
    for (;;) {
      const next = statement.next();
      if (next.done === true) return next.value;
      const lock = next.value;
      const holder = this.#holders.get(lock);
      if (holder === undefined || holder === transaction) {
        this.#take(transaction, lock);
        continue;
      }
      this.#hooks.count('waited for a lock');
      const waiting: Waiting = {
        lock,
        fail,
        goOn: () => {
          this.scheduler.add(null, `${name}, woken`, () => {
            this.#wake(transaction, waiting, goOn);
          });
        },
      };
      transaction.waiting = waiting;
      if (this.#closesCycle(transaction)) {
        transaction.waiting = null;
        this.#hooks.count('deadlock');
        throw new DatabaseError('40P01', 'deadlock detected');
      }
      this.#limitWait(transaction, waiting);
      return WAITS;
    }
  }

  /** Whoever waited takes the lock when it goes on: until then somebody else may have been quicker. */
  #wake(transaction: Transaction, waiting: Waiting, goOn: () => void): void {
    if (transaction.waiting !== waiting) return;
    const holder = this.#holders.get(waiting.lock);
    if (holder !== undefined && holder !== transaction) return;
    this.#take(transaction, waiting.lock);
    goOn();
  }

  #closesCycle(transaction: Transaction): boolean {
    const seen = new Set<Transaction>();
    for (let at: Transaction | undefined = transaction; at?.waiting && !seen.has(at);) {
      seen.add(at);
      at = this.#holders.get(at.waiting.lock);
      if (at === transaction) return true;
    }
    return false;
  }

  #limitWait(transaction: Transaction, waiting: Waiting): void {
    this.scheduler.addAfter(LOCK_TIMEOUT_MS, null, `${this.name} T${transaction.id} lock_timeout`, () => {
      if (transaction.waiting !== waiting) return;
      transaction.waiting = null;
      this.#hooks.count('lock timeout');
      waiting.fail(new DatabaseError('55P03', 'canceling statement due to lock timeout'));
    });
  }

  /** `idle_in_transaction_session_timeout` and `transaction_timeout`: nobody holds locks for as long as it is stopped. */
  #watch(transaction: Transaction, afterMs: number): void {
    const label = `${this.name} T${transaction.id} time limits`;
    transaction.watch = this.scheduler.addAfter(afterMs, null, label, () => {
      const { nowMs } = this.scheduler;
      const idleMs = nowMs - transaction.activeAtMs;
      const isIdle = transaction.waiting === null && idleMs >= IDLE_IN_TRANSACTION_TIMEOUT_MS;
      if (!isIdle && nowMs - transaction.beganAtMs < TRANSACTION_TIMEOUT_MS) {
        this.#watch(transaction, Math.max(1, IDLE_IN_TRANSACTION_TIMEOUT_MS - idleMs));
        return;
      }
      this.#hooks.count('session ended by a time limit');
      const { waiting } = transaction;
      this.#end(transaction);
      waiting?.fail(connectionLost());
    });
  }

  #commitNow(transaction: Transaction): void {
    if (transaction.state === 'ended' || (transaction.state === 'cut' && transaction.process.isAlive)) {
      throw connectionLost();
    }
    // PostgreSQL answers ROLLBACK to the COMMIT of a failed transaction, and clients take it for an answer.
    if (transaction.state === 'failed') {
      this.#end(transaction);
      return;
    }
    const fate = this.#dice.fateOfCommit();
    this.#hooks.count(`commit ${fate}`);
    switch (fate) {
      case 'answered':
        this.#makeVisible(transaction);
        return;
      case 'done, answer lost':
        this.#makeVisible(transaction);
        throw connectionLost();
      case 'not done, answer lost':
        this.#end(transaction);
        throw connectionLost();
      case 'no space':
        this.#end(transaction);
        throw new DatabaseError('53100', 'could not extend file: No space left on device');
      case 'on its way, answer lost':
        this.#cut(transaction, this.#dice.oneIn(2));
        throw connectionLost();
    }
  }

  /** The client is gone; the server finishes, or notices, some time later. Until then locks are held. */
  #cut(transaction: Transaction, commits: boolean): void {
    transaction.state = 'cut';
    transaction.waiting = null;
    const delayMs = this.#dice.oneIn(2) ? 0 : this.#dice.below(3000);
    const label = `${this.name} T${transaction.id} ${commits ? 'commits' : 'ends'} without its client`;
    this.scheduler.addAfter(delayMs, null, label, () => {
      if (!this.#open.has(transaction)) return;
      if (commits) this.#makeVisible(transaction);
      else this.#end(transaction);
    });
  }

  #makeVisible(transaction: Transaction): void {
    const writes: Write[] = [];
    for (const [table, rows] of transaction.writes) {
      for (const [key, after] of rows) {
        writes.push({ table, key, before: table.rows.get(key), after });
        if (after === undefined) table.rows.delete(key);
        else table.rows.set(key, after);
      }
    }
    this.#end(transaction);
    if (writes.length > 0) this.#hooks.onCommit(writes);
  }

  #end(transaction: Transaction): void {
    if (!this.#open.delete(transaction)) return;
    transaction.state = 'ended';
    transaction.waiting = null;
    if (transaction.watch !== null) this.scheduler.cancel(transaction.watch);
    for (const lock of [...transaction.locks]) this.#release(transaction, lock);
  }

  #take(transaction: Transaction, lock: string): void {
    this.#holders.set(lock, transaction);
    transaction.locks.add(lock);
  }

  #release(transaction: Transaction, lock: string): void {
    transaction.locks.delete(lock);
    if (this.#holders.get(lock) !== transaction) return;
    this.#holders.delete(lock);
    for (const other of this.#open) if (other.waiting?.lock === lock) other.waiting.goOn();
  }
}
