import { join } from 'node:path';
import type { PlantedOptions } from './options.ts';
import type { PlantedBug } from './patch.ts';
import type { PatchedTree } from './patched-tree.ts';
import type { Planted } from './report.ts';
import { runSimulator } from './run-simulator.ts';
import type { Verdict } from './verdict.ts';

/** A seed takes a tenth of a second on a quiet machine; a bug may make it go round in circles. */
const LIMIT_FOR_EACH_SEED_MS = 1000;
const START_LIMIT_MS = 30_000;

/** Runs a tree that nobody has changed, in which everything has to hold. */
export function runClean({ folder }: PatchedTree, { cleanSeeds, steps }: PlantedOptions): Promise<Verdict> {
  return runSimulator({ folder, seeds: cleanSeeds, steps, limitMs: limitFor(cleanSeeds) });
}

/** Plants one bug, lets the tree run, and takes the bug out again. */
export async function plant(
  tree: PatchedTree,
  bug: PlantedBug,
  patches: string,
  { seeds, steps }: PlantedOptions,
): Promise<Planted> {
  const patch = join(patches, `${bug.name}.patch`);
  tree.apply(patch);
  try {
    const { folder } = tree;
    return { bug, verdict: await runSimulator({ folder, seeds, steps, limitMs: limitFor(seeds) }) };
  } finally {
    tree.takeBack(patch);
  }
}

function limitFor(seeds: number): number {
  return START_LIMIT_MS + seeds * LIMIT_FOR_EACH_SEED_MS;
}
