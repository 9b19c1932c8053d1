import { Repeated } from '../../mixins/time/repeated.ts';
import { systemClock, type Clock } from '../../mixins/time/clock.ts';

/** Pauses that end when the test says so, or at a stop. */
class SteppedClock implements Pick<Clock, 'pause'> {
  readonly pauses: number[] = [];
  #end: () => void = () => undefined;

  pause(ms: number, signal: AbortSignal): Promise<void> {
    this.pauses.push(ms);
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#end = resolve;
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  }

  async step(): Promise<void> {
    this.#end();
    await systemClock.nextTurn();
  }
}

function repeated(dueAfterMs: number, look: (stop: AbortSignal) => Promise<void>) {
  const clock = new SteppedClock();
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => {
    failures.push(error);
  };
  return {
    clock,
    failures,
    work: new Repeated({ dueAfterMs, look, onFailure, clock: { ...systemClock, pause: clock.pause.bind(clock) } }),
  };
}

test.each([
  [900_000, 60_000],
  [20_000, 5000],
  [100, 1000],
])('what is due after %i ms is looked for every %i ms', async (dueAfterMs, intervalMs) => {
  const { clock, work } = repeated(dueAfterMs, () => Promise.resolve());
  work.start();
  work.start();
  await clock.step();
  expect(clock.pauses).toEqual([intervalMs, intervalMs]);
  await work.stop();
});

test('it looks after the first pause, and again after a look that failed', async () => {
  let looks = 0;
  const { clock, failures, work } = repeated(1000, () => {
    looks++;
    return Promise.reject(new Error(`look ${looks}`));
  });
  work.start();
  expect(looks).toBe(0);
  await clock.step();
  await clock.step();
  expect(looks).toBe(2);
  expect(failures).toEqual([new Error('look 1'), new Error('look 2')]);
  await work.stop();
});

test('a stop tells the look that is under way, waits for it, and there is no other', async () => {
  let looks = 0;
  const { clock, work } = repeated(1000, async (stop) => {
    looks++;
    await new Promise((resolve) => {
      stop.addEventListener('abort', resolve);
    });
  });
  work.start();
  await clock.step();
  await work.stop();
  await clock.step();
  expect(looks).toBe(1);
});

test('one that never began stops', async () => {
  const { work } = repeated(1000, () => Promise.resolve());
  await work.stop();
});
