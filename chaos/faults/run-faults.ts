import type { FaultContext, FaultKind, FaultRecord } from './fault.ts';
import { pick, shuffled } from './pick.ts';
import { pause } from './until.ts';

export interface RunFaultsOptions extends Omit<FaultContext, 'random'> {
  readonly kinds: readonly FaultKind[];
  readonly durationMs: number;
  readonly seed: number;
  readonly onRecord: (record: FaultRecord) => void;
}

/** Of the time: a third and a little lies outside of every fault's window. */
const QUIET_SHARE = 0.38;
const SHORTEST_QUIET_MS = 1000;
const LONG_RUN_MS = 15 * 60_000;
/** So much of a run goes at most into showing each kind once. */
const ALONE_SHARE = 0.7;
const MOST_AT_ONCE = 3;

/**
 * Injects faults until the time is over: first each kind alone once, then mixed, two or three at a time where they do not
 * touch the same part; cheap kinds more often; quiet between them. In a run too short for that, kinds share windows from
 * the beginning. What has not hit anything is tried again at the end. All is healed when it returns.
 *
 * @returns what was injected, in order of beginning
 */
export async function runFaults(options: RunFaultsOptions): Promise<readonly FaultRecord[]> {
  const { durationMs, signal } = options;
  const context: FaultContext = { ...options, random: seededRandom(options.seed) };
  const kinds = options.kinds.filter(({ isLong = false }) => !isLong || durationMs >= LONG_RUN_MS);
  const records: FaultRecord[] = [];
  const endsAt = performance.now() + durationMs;
  const fits = (group: readonly FaultKind[]): boolean =>
    performance.now() + Math.max(...group.map(({ usualS }) => usualS)) * 1000 <= endsAt;

  const windows = firstWindows(context, kinds, durationMs);
  while (!signal.aborted) {
    const group = windows.shift() ?? mixedGroup(context, unseenFirst(kinds, records));
    if (!fits(group)) {
      if (windows.length > 0) continue;
      if (!kinds.some((kind) => fits([kind]))) break;
      windows.push(
        ...kinds
          .filter((kind) => fits([kind]))
          .slice(0, 1)
          .map((kind) => [kind]),
      );
      continue;
    }
    const beganAt = performance.now();
    const done = await Promise.all(group.map((kind) => runOne(kind, context, options.onRecord)));
    records.push(...done);
    const tookMs = performance.now() - beganAt;
    await pause(Math.max(SHORTEST_QUIET_MS, (tookMs * QUIET_SHARE) / (1 - QUIET_SHARE)), signal);
  }
  await heal(context);
  return records.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
}

/** Each kind once: alone where there is time for it, otherwise beside those that touch something else. */
function firstWindows(context: FaultContext, kinds: readonly FaultKind[], durationMs: number): FaultKind[][] {
  const order = shuffled(context, kinds);
  const aloneMs = (order.reduce((sum, { usualS }) => sum + usualS, 0) * 1000) / (1 - QUIET_SHARE);
  if (aloneMs <= durationMs * ALONE_SHARE) return order.map((kind) => [kind]);
  const windows: FaultKind[][] = [];
  for (const kind of order.toSorted((a, b) => b.usualS - a.usualS)) {
    const room = windows.find(
      (window) => window.length < MOST_AT_ONCE && window.every((other) => areApart(kind, other)),
    );
    if (room === undefined) windows.push([kind]);
    else room.push(kind);
  }
  return shuffled(context, windows);
}

/** One to three that do not touch the same. */
function mixedGroup(context: FaultContext, kinds: readonly FaultKind[]): FaultKind[] {
  const group = [pickByCost(context, kinds)];
  const wanted = pick(context, [1, 2, 2, 3]);
  for (let tries = 0; group.length < wanted && tries < 10; tries++) {
    const kind = pickByCost(context, kinds);
    if (group.every((other) => areApart(kind, other))) group.push(kind);
  }
  return group;
}

/** Kinds that have not hit anything yet, if there are any. */
function unseenFirst(kinds: readonly FaultKind[], records: readonly FaultRecord[]): readonly FaultKind[] {
  const isDone = new Set(
    records.filter(({ hit, isNotPossibleHere }) => hit || isNotPossibleHere).map(({ kind }) => kind),
  );
  const unseen = kinds.filter(({ name }) => !isDone.has(name));
  return unseen.length > 0 ? unseen : kinds;
}

function pickByCost({ random }: FaultContext, kinds: readonly FaultKind[]): FaultKind {
  const weights = kinds.map(({ usualS }) => 1 / usualS);
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, kind] of kinds.entries()) {
    rest -= weights[index] ?? 0;
    if (rest <= 0) return kind;
  }
  const last = kinds.at(-1);
  if (last === undefined) throw new Error('There is no kind of fault to choose from.');
  return last;
}

function areApart(one: FaultKind, other: FaultKind): boolean {
  return one !== other && !one.touches.some((part) => other.touches.includes(part));
}

async function runOne(
  kind: FaultKind,
  context: FaultContext,
  onRecord: (record: FaultRecord) => void,
): Promise<FaultRecord> {
  const before = { kind: kind.name, startedAtMs: Date.now(), ordersInFlight: context.ordersInFlight() };
  const outcome = await kind.run(context).catch((error: unknown) => ({
    target: 'unknown',
    hit: false,
    evidence: `the fault itself failed: ${String(error)}`,
  }));
  const record = { ...before, ...outcome, healedAtMs: Date.now() };
  onRecord(record);
  return record;
}

/** Whatever a fault may have left: everything runs, every link is whole, every clock is right. */
async function heal({ cluster }: FaultContext): Promise<void> {
  for (const server of [cluster.servers.postgres, cluster.servers.kafka]) {
    await server.signal('SIGCONT');
    await server.start();
  }
  await Promise.all(
    cluster.nodes.map(async (node) => {
      await node.links.postgres.heal();
      await node.links.kafka.heal();
      node.stepClock(0);
      await node.kill('SIGCONT');
      await node.start();
    }),
  );
}

/** Mulberry32 (Tommy Ettinger, 2017, public domain). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
