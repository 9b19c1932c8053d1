import { setImmediate } from 'node:timers/promises';

/** Time as the consumer sees it: the system's, or a simulated one. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since the epoch. */
  epochMs(): number;
  /** Resolves after that long, or as soon as the signal comes; never rejects. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Begins work again and again, each time after that long. @returns ends it */
  every(ms: number, work: () => void): () => void;
  /** Resolves when everything that this turn of the event loop brought has been handed over. */
  nextTurn(): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
  pause(ms, signal) {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
  },
  every(ms, work) {
    const timer = setInterval(work, ms);
    return () => {
      clearInterval(timer);
    };
  },
  nextTurn: () => setImmediate(),
};
