import { parseArgs } from 'node:util';

/** What `npm run chaos` was asked to do. */
export interface ChaosOptions {
  readonly help: boolean;
  readonly minutes: number;
  readonly seed: number;
  /** Null: all of them. */
  readonly kinds: readonly string[] | null;
  readonly maxPerSecond: number;
  /** The report goes to the standard output, everything else to the other one. */
  readonly json: boolean;
  /** The run's folder stays, also when nothing is wrong. */
  readonly keep: boolean;
}

/** Something that whoever runs a campaign can put right: one sentence, shown without a stack. */
export class ChaosError extends Error {
  override readonly name = 'ChaosError';
}

const MINUTES_MIN = 0.5;
const MINUTES_MAX = 24 * 60;
const PER_SECOND_MIN = 20;
const PER_SECOND_MAX = 2000;
/** What two cores carry beside six nodes and both servers. */
const DEFAULT_PER_SECOND = 120;
const SEED_MAX = 2 ** 32 - 1;

export const HELP = `npm run chaos [-- options]

  Runs two nodes of each service, PostgreSQL and Kafka, of its own and on free ports; sends them accounts, deposits, orders
  and reads through both gateways; breaks them by one fault after the other, and checks all the while and at the end that
  no invariant was violated. Leaves a report and a picture under chaos/results/.

  --minutes 30      how long faults come
  --seed N          the same faults in the same order, and the same mix of requests
  --kinds a,b       only these kinds of faults; a wrong name shows all of them
  --rate 120        requests a second at most; fewer while the machine is slow
  --json            the report to standard output, progress to standard error
  --keep            keeps logs and history also when nothing is wrong
  --help            show this

  Ctrl-C heals, checks and reports; a second one ends at once.
  Exit code 0: all invariants held, and enough was tried. 1: a violation, or too little was tried. 2: it could not be done.`;

/**
 * Reads the command line.
 *
 * @throws ChaosError with one sentence on what cannot be used
 */
export function readChaosOptions(args: readonly string[]): ChaosOptions {
  const values = readArguments(args);
  return {
    help: values.help ?? false,
    minutes: readNumber('minutes', values.minutes ?? '30', MINUTES_MIN, MINUTES_MAX),
    seed: wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * SEED_MAX)), 0, SEED_MAX),
    kinds: values.kinds === undefined ? null : values.kinds.split(',').map((kind) => kind.trim()),
    maxPerSecond: wholeNumber('rate', values.rate ?? String(DEFAULT_PER_SECOND), PER_SECOND_MIN, PER_SECOND_MAX),
    json: values.json ?? false,
    keep: values.keep ?? false,
  };
}

/** The command that runs this campaign again. */
export function commandOf({ minutes, seed, kinds, maxPerSecond }: ChaosOptions): string {
  const others = [
    ...(kinds === null ? [] : [`--kinds ${kinds.join(',')}`]),
    ...(maxPerSecond === DEFAULT_PER_SECOND ? [] : [`--rate ${maxPerSecond}`]),
  ];
  return ['npm run chaos --', `--minutes ${minutes}`, `--seed ${seed}`, ...others].join(' ');
}

function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        seed: { type: 'string' },
        kinds: { type: 'string' },
        rate: { type: 'string' },
        json: { type: 'boolean' },
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new ChaosError(
      `${(error as Error).message.split('.')[0] ?? ''}: "npm run chaos -- --help" shows what there is.`,
    );
  }
}

function readNumber(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || number < min || number > max) {
    throw new ChaosError(`--${name} is "${text}"; it has to be a number from ${min} to ${max}.`);
  }
  return number;
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  if (!/^\d+$/.test(text)) throw new ChaosError(`--${name} is "${text}"; it has to be a whole number.`);
  return readNumber(name, text, min, max);
}
