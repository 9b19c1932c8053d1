import { describeExit, lastLines } from './child.ts';
import type { Running, StartHooks, Stopped } from './child.ts';
import { StartError } from './start-error.ts';

/** Something that has to run as long as the system does. */
export interface Part<Result extends Running> {
  readonly name: string;
  /** How often it may die before it has ever answered: a node may meet a server that is not there yet. */
  readonly firstStartAttempts: number;
  start(hooks: StartHooks): Promise<Result>;
}

/** Who wants to know what becomes of a part. */
export interface PartListener {
  /** There is a new process. */
  spawned(name: string, pid: number): void;
  /** A sentence for whoever watches. */
  say(sentence: string): void;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 15_000;
// One that ran this long has recovered: its next death counts as a first one.
const HEALTHY_AFTER_MS = 60_000;
const LINES_SHOWN = 5;

/** Keeps one part running: says when it dies, and starts it again with backoff. */
export class SupervisedPart<Result extends Running> {
  private readonly part: Part<Result>;
  private readonly listener: PartListener;
  private readonly interrupt = new AbortController();
  /** The newest process, from its first moment on. */
  private newest: Running | undefined;
  private starting: Promise<Result> | undefined;
  private deaths = 0;
  private stopped = false;

  get name(): string {
    return this.part.name;
  }

  constructor(part: Part<Result>, listener: PartListener) {
    this.part = part;
    this.listener = listener;
  }

  /** @throws StartError when it does not come up. */
  async start(): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.startOnce();
      } catch (error) {
        if (this.stopped || attempt >= this.part.firstStartAttempts) throw error;
        this.listener.say(`${this.part.name} did not start; trying again. ${sentenceOf(error)}`);
        await this.backoff();
      }
    }
  }

  /**
   * Ends it, wherever it is: preparing, starting, running, waiting for its next attempt.
   *
   * @param how `stop` in good order; `kill` at once.
   */
  async stop(how: 'stop' | 'kill'): Promise<Stopped | undefined> {
    this.stopped = true;
    this.interrupt.abort();
    const ended = await this.newest?.[how]();
    // One that was being prepared is stopped as soon as it is there.
    await this.starting?.catch(() => undefined);
    return ended;
  }

  private async startOnce(): Promise<Result> {
    this.starting = this.part.start({
      interrupt: this.interrupt.signal,
      onSpawn: (running) => {
        this.newest = running;
        this.listener.spawned(this.part.name, running.pid);
        if (this.stopped) void running.stop();
      },
    });
    const running = await this.starting;
    void this.restartWhenItDies(running, performance.now());
    return running;
  }

  private async restartWhenItDies(running: Result, startedAt: number): Promise<void> {
    const exit = await running.exited;
    if (this.isStopped()) return;
    if (performance.now() - startedAt > HEALTHY_AFTER_MS) this.deaths = 0;
    const lines = lastLines(running.logFile, LINES_SHOWN).map((line) => `\n      ${line}`);
    this.listener.say(
      `${this.part.name} died (${describeExit(exit)}). Its log, ${running.logFile}, ends with:${lines.join('')}`,
    );
    while (!this.isStopped()) {
      await this.backoff();
      if (this.isStopped()) return;
      try {
        const next = await this.startOnce();
        this.listener.say(`${this.part.name} runs again (pid ${next.pid}).`);
        return;
      } catch (error) {
        if (!this.isStopped()) this.listener.say(`${this.part.name} did not start again. ${sentenceOf(error)}`);
      }
    }
  }

  private async backoff(): Promise<void> {
    const waitMs = Math.min(FIRST_BACKOFF_MS * 2 ** this.deaths, LONGEST_BACKOFF_MS);
    this.deaths += 1;
    await pause(waitMs, this.interrupt.signal);
  }

  /** Read anew after each await. */
  private isStopped(): boolean {
    return this.stopped;
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof StartError ? error.message : String(error);
}

/** Waits, or until it is interrupted. */
function pause(waitMs: number, interrupt: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      interrupt.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, waitMs);
    interrupt.addEventListener('abort', finish);
    if (interrupt.aborted) finish();
  });
}
