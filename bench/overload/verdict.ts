import type { MemoryGrowth } from './memory-growth.ts';

/** What one run of the overload has shown. */
export interface Overload {
  /** How many times the carried rate was wanted, and how many times it was put on the wire. */
  readonly times: number;
  readonly reachedTimes: number;
  readonly byClients: Readonly<Record<string, number>>;
  readonly byMetrics: Readonly<Record<string, number>>;
  readonly memory: readonly MemoryGrowth[];
  /** Orders that were answered 201 and were not final in time. */
  readonly notFinal: number;
}

/** 2.9 of 3: a timer that fires late costs some requests of the last tick; a load that cannot keep up costs more. */
const REACHED_SHARE = 0.966;
/** What an order may be answered that finds too much going on. Anything else is a failure of the system or of the load. */
const EXPECTED = new Set(['201', '503']);

/** @returns what does not hold, a sentence each; none when everything does */
export function judgeOverload(run: Overload): string[] {
  const failures: string[] = [];
  if (!(run.reachedTimes >= run.times * REACHED_SHARE)) {
    failures.push(
      `Only ${run.reachedTimes.toFixed(2)} times the carried rate was put on the wire, and not ${run.times}.`,
    );
  }
  const unexpected = Object.keys(run.byClients).filter((status) => !EXPECTED.has(status));
  if (unexpected.length > 0) failures.push(`Clients met ${unexpected.join(', ')} besides 201 and 503.`);
  for (const status of new Set([...Object.keys(run.byClients), ...Object.keys(run.byMetrics)])) {
    const [clients, metrics] = [run.byClients[status] ?? 0, run.byMetrics[status] ?? 0];
    if (clients !== metrics) failures.push(`Clients counted ${clients} times ${status}, and /metrics ${metrics}.`);
  }
  for (const { node, middleMb, lastMb, flat } of run.memory) {
    if (!flat) {
      failures.push(`The memory of ${node} grew from ${middleMb} to ${lastMb} MB between two thirds of the run.`);
    }
  }
  if (run.notFinal > 0) failures.push(`${run.notFinal} orders that were answered 201 were not final in time.`);
  return failures;
}
