import type { Sequelize } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import type { ReplayInput, ReplayState } from '../../../contract/replay.ts';
import type { Logger } from '../../../kafka/client.ts';
import { errorText } from '../../../problems/error-text.ts';
import { atMost } from '../../time/backoff.ts';
import type { DescribedConsumer } from '../event-consumer.ts';
import { ReplayRecords } from './replay-records.ts';
import { ReplayRun } from './run-replay.ts';

const NOTE_INTERVAL_MS = 1000;
/** How long starting a replay waits for its end: a short one is answered whole, a long one is asked for. */
const ANSWER_AFTER_MS = 2000;
/** A replay that is told to stop ends its transaction, which is bounded. */
const STOP_TIMEOUT_MS = 12_000;

export interface ReplaysOptions {
  readonly sequelize: Sequelize;
  readonly node: string;
  readonly logger: Logger;
}

/** The replays that run on this node: each consumer has one at a time here. Their records are in the database, for every node. */
export class Replays {
  readonly #options: ReplaysOptions;
  readonly #records: ReplayRecords;
  readonly #running = new Map<string, { readonly abort: AbortController; readonly ended: Promise<void> }>();

  constructor(options: ReplaysOptions) {
    this.#options = options;
    this.#records = new ReplayRecords(options.sequelize, options.node);
  }

  /** True while a replay into this consumer runs on this node. */
  isRunning(consumer: string): boolean {
    return this.#running.has(consumer);
  }

  /**
   * Starts a replay.
   *
   * @param input its consumer by its full name, with no replay running here
   * @returns how it stands after two seconds at most
   */
  async start(consumer: DescribedConsumer, input: ReplayInput): Promise<ReplayState | null> {
    const replayId = uuidv7();
    await this.#records.open(replayId, consumer.topic.name, input);
    const abort = new AbortController();
    const run = new ReplayRun({ ...consumer, request: input, dryRun: input.dryRun, signal: abort.signal });
    const ended = this.#run(replayId, run, abort).finally(() => this.#running.delete(input.consumer));
    this.#running.set(input.consumer, { abort, ended });
    await atMost(ANSWER_AFTER_MS, ended);
    return this.#records.find(replayId);
  }

  find(replayId: string): Promise<ReplayState | null> {
    return this.#records.find(replayId);
  }

  /** Asks a replay to stop, on whichever node it runs. @returns how it stands; null when there is no such replay */
  async stop(replayId: string): Promise<ReplayState | null> {
    await this.#records.askToStop(replayId);
    return this.#records.find(replayId);
  }

  /** The node stops. Never throws. */
  async stopAll(): Promise<void> {
    for (const { abort } of this.#running.values()) abort.abort();
    await atMost(STOP_TIMEOUT_MS, Promise.all([...this.#running.values()].map(({ ended }) => ended)));
  }

  /** Never throws. */
  async #run(replayId: string, run: ReplayRun, abort: AbortController): Promise<void> {
    const { logger } = this.#options;
    const notes = setInterval(() => {
      // A database that is away hears of it later.
      void this.#records.note(replayId, run.progress).then(
        (isToStop) => {
          if (isToStop) abort.abort();
        },
        () => undefined,
      );
    }, NOTE_INTERVAL_MS);
    let end: Parameters<ReplayRecords['close']>[2];
    try {
      end = (await run.run()) ? { state: 'done', remark: remarkOf(run) } : { state: 'stopped', remark: null };
    } catch (error) {
      end = { state: 'failed', remark: errorText(error) };
    } finally {
      clearInterval(notes);
    }
    logger.info(`Replay ${replayId} is ${end.state}: ${JSON.stringify(run.progress.counts())}`);
    await this.#records.close(replayId, run.progress, end).catch((error: unknown) => {
      // It counts as lost then; what it did is done.
      logger.warn(`The end of replay ${replayId} could not be recorded: ${errorText(error)}`);
    });
  }
}

function remarkOf(run: ReplayRun): string | null {
  const { olderThanInbox } = run.progress.counts();
  if (olderThanInbox === 0) return null;
  return (
    `${olderThanInbox} events were older than what the inbox keeps: it could not tell whether they had been settled, ` +
    'and the handler was given them. What it did about them is by its own keys.'
  );
}
