import { spreadOf } from '../harness/spread.ts';
import type { MemoryCurve } from './memory.ts';

/** How the level of one node's memory moved while the load lasted. */
export interface MemoryGrowth {
  readonly node: string;
  readonly middleMb: number;
  readonly lastMb: number;
  readonly flat: boolean;
}

/** V8 resizes its heap in steps of some megabytes, and collects old space tens of megabytes at a time. */
const FLAT_SHARE = 0.1;
const FLAT_MB = 20;

/**
 * Compares the medians of the middle and the last third of a curve. The first third is warm-up: caches, compiled code, the
 * young generation. Medians, because memory that is collected now and then is a saw: a line fitted to its last seconds
 * rises or falls with where the last tooth lies.
 *
 * What this finds: at 3000 refused requests a second for two minutes there lie 120 000 of them between the two medians; one
 * of them in twenty, kept with its response (some 8 KB), is 48 MB.
 */
export function growthOf({ node, residentMb }: MemoryCurve): MemoryGrowth {
  const third = Math.floor(residentMb.length / 3);
  const middleMb = spreadOf(residentMb.slice(third, 2 * third)).median;
  const lastMb = spreadOf(residentMb.slice(2 * third)).median;
  return { node, middleMb, lastMb, flat: lastMb - middleMb <= Math.max(FLAT_MB, middleMb * FLAT_SHARE) };
}
