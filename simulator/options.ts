import { defineCommand, readArguments, UsageError } from '../terminal/command.js';

/** What `npm run simulator` was asked to do. */
export interface SimulatorOptions {
  readonly seeds: number;
  readonly steps: number;
  /** The first seed. */
  readonly seed: number;
  readonly trace: boolean;
  readonly json: boolean;
}

const SEEDS_MAX = 10_000_000;
const STEPS_MAX = 1_000_000;
const SEED_MAX = 2 ** 32 - 1;

const DEFAULT_SEEDS = 200;

export const COMMAND = defineCommand({
  name: 'npm run simulator',
  about: `Runs relay, consumer, orders and payments in one process, on a database, a bus and clocks that lose, delay, double and
crash by seed, and holds every change against the invariants. After its steps everything heals and has to come to rest.`,
  options: {
    seeds: {
      type: 'whole',
      about: `how many seeds (default: ${DEFAULT_SEEDS}; with --seed alone: that one)`,
      min: 1,
      max: SEEDS_MAX,
    },
    steps: { type: 'whole', about: 'steps of each seed in which faults happen', min: 1, max: STEPS_MAX, default: 1000 },
    seed: {
      type: 'whole',
      about: 'the first seed (default: 1): a seed plays the same each time',
      min: 0,
      max: SEED_MAX,
    },
    trace: { type: 'flag', about: 'prints every step of the one seed given by --seed' },
    json: { type: 'flag', about: 'prints the report as JSON' },
  },
  examples: ['npm run simulator', 'npm run simulator -- --seeds 5000', 'npm run simulator -- --seed 42 --trace'],
  exitCodes: {
    0: 'every invariant held',
    1: 'an invariant was violated (the report says which, and how to play it again), or nothing was tested',
  },
});

/**
 * Reads the command line.
 *
 * @throws UsageError with one sentence on what cannot be used
 */
export function readSimulatorOptions(args: readonly string[]): SimulatorOptions {
  const { seed, seeds, ...values } = readArguments(COMMAND, args);
  const one = seed !== undefined && seeds === undefined;
  const options = { ...values, seed: seed ?? 1, seeds: seeds ?? (one ? 1 : DEFAULT_SEEDS) };
  if (options.trace && options.seeds !== 1) {
    throw new UsageError('--trace shows one seed: say which with --seed, and leave --seeds out.');
  }
  return options;
}
