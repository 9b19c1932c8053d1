import type { Clock } from '../mixins/time/clock.ts';
import type { Operation, Process, Scheduler } from './scheduler.ts';

/** Simulated time begins here. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Time as one simulated process sees it. */
export class ProcessClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #process: Process;
  /** How far its wall clock is off. */
  stepMs = 0;

  constructor(scheduler: Scheduler, process: Process) {
    this.#scheduler = scheduler;
    this.#process = process;
  }

  now(): number {
    return this.#scheduler.nowMs;
  }

  epochMs(): number {
    return EPOCH_MS + this.#scheduler.nowMs + this.stepMs;
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        this.#scheduler.cancel(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#after(ms, end);
      signal.addEventListener('abort', end);
    });
  }

  every(ms: number, work: () => void): () => void {
    let timer: Operation;
    const again = (): void => {
      timer = this.#after(ms, () => {
        again();
        work();
      });
    };
    again();
    return () => {
      this.#scheduler.cancel(timer);
    };
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#after(0, resolve);
    });
  }

  #after(ms: number, work: () => void): Operation {
    return this.#scheduler.addAfter(ms, this.#process, 'a timer', () => {
      this.#process.deliver(work);
    });
  }
}
