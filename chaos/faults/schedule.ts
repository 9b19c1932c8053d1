import type { SeededRandom } from '../../shop/random.ts';
import type { FaultKind, FaultRecord } from './fault.ts';

/** Of the time: more than the third that has to lie outside of every fault's window. */
const QUIET_SHARE = 0.35;
const SHORTEST_QUIET_MS = 1000;
const LONG_RUN_MS = 15 * 60_000;
/** So much of a run goes at most into showing each kind alone. */
const ALONE_SHARE = 0.4;
const MOST_AT_ONCE = 3;
/** Times that a fault may miss and come before all others again. */
const MISSES_BEFORE_OTHERS = 2;
/** Tries to find company for a fault. */
const COMPANY_TRIES = 10;

/** Faults that are injected at the same moment. */
export type Window = readonly FaultKind[];

interface Chance {
  readonly random: SeededRandom;
}

/** @returns the kinds that a run of this length has room for */
export function kindsFor(durationMs: number, kinds: readonly FaultKind[]): readonly FaultKind[] {
  return kinds.filter(({ isLong = false }) => !isLong || durationMs >= LONG_RUN_MS);
}

/** Each kind once: alone where there is time for it, otherwise beside those that touch something else. */
export function firstWindows(chance: Chance, kinds: readonly FaultKind[], durationMs: number): Window[] {
  const order = chance.random.shuffle(kinds);
  const aloneMs = order.reduce((sum, { usualS }) => sum + (usualS * 1000) / (1 - QUIET_SHARE), 0);
  if (aloneMs <= durationMs * ALONE_SHARE) return order.map((kind) => [kind]);
  const windows: FaultKind[][] = [];
  for (const kind of order.toSorted((a, b) => b.usualS - a.usualS)) {
    const room = windows.find(
      (window) => window.length < MOST_AT_ONCE && window.every((other) => areApart(kind, other)),
    );
    if (room === undefined) windows.push([kind]);
    else room.push(kind);
  }
  return chance.random.shuffle(windows);
}

/**
 * Two or three that do not touch the same, cheap ones more often; those that have hit nothing yet before all others.
 *
 * @param leftMs of the run
 * @returns null when nothing is short enough
 */
export function nextWindow(
  chance: Chance,
  kinds: readonly FaultKind[],
  records: readonly FaultRecord[],
  leftMs: number,
): Window | null {
  const short = kinds.filter((kind) => fits([kind], leftMs));
  if (short.length === 0) return null;
  const window = [pickByCost(chance, unseenOrAll(short, records))];
  const wanted = chance.random.pick([2, 3, 3, 3]);
  for (let tries = 0; window.length < wanted && tries < COMPANY_TRIES; tries++) {
    const kind = pickByCost(chance, short);
    if (window.every((other) => areApart(kind, other))) window.push(kind);
  }
  return window;
}

/** @returns whether a window is over before the run is, as far as one can know */
export function fits(window: Window, leftMs: number): boolean {
  return Math.max(...window.map(({ usualS }) => usualS)) * 1000 <= leftMs;
}

/** @returns how long nothing is injected after a window that took so long */
export function quietAfterMs(windowMs: number): number {
  return Math.max(SHORTEST_QUIET_MS, (windowMs * QUIET_SHARE) / (1 - QUIET_SHARE));
}

/** What has missed some times has had its chance: a long one would otherwise be all that is left of a run. */
function unseenOrAll(kinds: readonly FaultKind[], records: readonly FaultRecord[]): readonly FaultKind[] {
  const unseen = kinds.filter(({ name }) => {
    const own = records.filter(({ kind }) => kind === name);
    return own.length < MISSES_BEFORE_OTHERS && !own.some((each) => each.hit || each.isNotPossibleHere);
  });
  return unseen.length > 0 ? unseen : kinds;
}

function pickByCost({ random }: Chance, kinds: readonly FaultKind[]): FaultKind {
  const weights = kinds.map(({ usualS }) => 1 / usualS);
  let rest = random.share() * weights.reduce((sum, weight) => sum + weight, 0);
  const found = kinds.find((_, index) => (rest -= weights[index] ?? 0) <= 0) ?? kinds.at(-1);
  if (found === undefined) throw new Error('There is no kind of fault to choose from.');
  return found;
}

function areApart(one: FaultKind, other: FaultKind): boolean {
  return one !== other && !one.touches.some((part) => other.touches.includes(part));
}
