import { readFileSync, writeSync } from 'node:fs';

/**
 * The places where a node can be told to die: between two steps that no transaction holds together. A fault campaign
 * arms one; otherwise each is a comparison with null.
 */
export const CRASH_POINTS = [
  /** The row is committed in the outbox, and read; nothing is sent yet. */
  'relay.before-publish',
  /** Kafka has confirmed the events; their rows are still in the outbox. */
  'relay.after-publish',
  /** The batch is written (inbox rows, debits, outgoing events) and not committed. */
  'consumer.before-commit',
  /** The batch is committed; the group's offsets do not know of it. */
  'consumer.after-commit',
  /** A write of a call is done in the transaction, and not committed. */
  'write.before-commit',
  /** The node that was called has committed; its caller has no answer. */
  'write.after-commit',
  /** The gateway has the answer; the client has not. */
  'http.before-answer',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** A crash point, and how often it is passed until the process dies there: 1 is the next time. */
export interface ArmedCrashPoint {
  readonly name: CrashPoint;
  readonly passes: number;
}

let armed: { readonly name: CrashPoint; remaining: number } | null = null;
let die = killThisProcess;

/** Marks a place where the process may be told to die. Costs one comparison while nothing is armed. */
export function crashPoint(name: CrashPoint): void {
  if (armed === null) return;
  if (armed.name !== name || --armed.remaining > 0) return;
  armed = null;
  die(name);
}

/** @param point null: none any more @param how for tests: what happens instead of death */
export function armCrashPoint(point: ArmedCrashPoint | null, how: (name: CrashPoint) => void = killThisProcess): void {
  armed = point === null ? null : { name: point.name, remaining: point.passes };
  die = how;
}

/**
 * Lets a file say where this process dies: read now, and again at each SIGUSR2. An empty file, or none, arms nothing.
 *
 * @param file holds `relay.after-publish`, or `relay.after-publish:3` for the third pass
 * @throws Error when it names no crash point
 */
export function obeyCrashPointFile(file: string): void {
  armCrashPoint(readCrashPoint(contentOf(file)));
  process.on('SIGUSR2', () => {
    try {
      armCrashPoint(readCrashPoint(contentOf(file)));
    } catch (error) {
      writeSync(2, `${String(error)}\n`);
    }
  });
}

/** @throws Error when the text names no crash point */
export function readCrashPoint(text: string): ArmedCrashPoint | null {
  const [name, passes = '1', ...rest] = text.trim().split(':');
  if (name === undefined || name === '') return null;
  const known = CRASH_POINTS.find((point) => point === name);
  if (known === undefined || rest.length > 0 || !/^[1-9]\d{0,5}$/.test(passes)) {
    throw new Error(
      `"${text.trim()}" is no crash point: one of ${CRASH_POINTS.join(', ')}, with :n for the n-th pass.`,
    );
  }
  return { name: known, passes: parseInt(passes, 10) };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** As a power cut would: nothing is flushed, nobody is told. The line is written before, by a call that waits. */
function killThisProcess(name: CrashPoint): void {
  writeSync(2, `${new Date().toISOString()} Crash point ${name}: this process kills itself.\n`);
  process.kill(process.pid, 'SIGKILL');
}
