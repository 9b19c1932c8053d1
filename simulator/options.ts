import { parseArgs } from 'node:util';

/** What `npm run simulator` was asked to do. */
export interface SimulatorOptions {
  readonly help: boolean;
  readonly seeds: number;
  readonly steps: number;
  /** The first seed. */
  readonly seed: number;
  readonly trace: boolean;
  readonly json: boolean;
}

/** Something that whoever runs the simulator can put right: one sentence, shown without a stack. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
}

const SEEDS_MAX = 10_000_000;
const STEPS_MAX = 1_000_000;
const SEED_MAX = 2 ** 32 - 1;

export const HELP = `npm run simulator [-- options]

  Runs relay, consumer, orders and payments in one process, on a database, a bus and clocks that lose, delay, double and
  crash by seed, and holds every change against the invariants. After its steps everything heals and has to come to rest.

  --seeds 200     how many seeds; with --seed alone: that one
  --steps 1000    steps of each seed in which faults happen
  --seed 1        the first seed: a seed plays the same each time
  --trace         prints every step of the one seed given by --seed
  --json          prints the report as JSON
  --help          shows this

  Exit code 1: an invariant was violated (the report says which, and how to play it again), or nothing was tested.`;

/**
 * Reads the command line.
 *
 * @throws SimulatorError with one sentence on what cannot be used
 */
export function readSimulatorOptions(args: readonly string[]): SimulatorOptions {
  const values = readArguments(args);
  const one = values.seed !== undefined && values.seeds === undefined;
  const options = {
    help: values.help ?? false,
    seeds: wholeNumber('seeds', values.seeds ?? (one ? '1' : '200'), 1, SEEDS_MAX),
    steps: wholeNumber('steps', values.steps ?? '1000', 1, STEPS_MAX),
    seed: wholeNumber('seed', values.seed ?? '1', 0, SEED_MAX),
    trace: values.trace ?? false,
    json: values.json ?? false,
  };
  if (options.trace && options.seeds !== 1) {
    throw new SimulatorError('--trace shows one seed: say which with --seed, and leave --seeds out.');
  }
  return options;
}

function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        steps: { type: 'string' },
        seed: { type: 'string' },
        trace: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split('.');
    throw new SimulatorError(`${sentence}: "npm run simulator -- --help" shows what there is.`);
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = parseInt(text, 10);
  if (!/^\d{1,10}$/.test(text) || number < min || number > max) {
    throw new SimulatorError(`--${name} is "${text}"; it has to be a whole number from ${min} to ${max}.`);
  }
  return number;
}
