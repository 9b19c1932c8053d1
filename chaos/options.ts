import { defineCommand, readArguments } from '../terminal/command.js';

/** What `npm run chaos` was asked to do. */
export interface ChaosOptions {
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

export const COMMAND = defineCommand({
  name: 'npm run chaos',
  about: `Runs two nodes of each service, PostgreSQL and Kafka, of its own and on free ports; sends them accounts, deposits, orders
and reads through both gateways; breaks them by one fault after the other, and checks all the while and at the end that
no invariant was violated. Leaves a report and a picture under chaos/results/.`,
  options: {
    minutes: { type: 'number', about: 'how long faults come', min: MINUTES_MIN, max: MINUTES_MAX, default: 30 },
    seed: {
      type: 'whole',
      about: 'the same faults in the same order, and the same mix of requests; without it, others each time',
      min: 0,
      max: SEED_MAX,
    },
    kinds: { type: 'text', takes: 'A,B', about: 'only these kinds of faults; a wrong name shows all of them' },
    rate: {
      type: 'whole',
      about: 'requests a second at most; fewer while the machine is slow',
      min: PER_SECOND_MIN,
      max: PER_SECOND_MAX,
      default: DEFAULT_PER_SECOND,
    },
    json: { type: 'flag', about: 'the report to standard output, progress to standard error' },
    keep: { type: 'flag', about: 'keeps logs and history also when nothing is wrong' },
  },
  notes: 'Ctrl-C heals, checks and reports; a second one ends at once.',
  examples: ['npm run chaos', 'npm run chaos -- --minutes 5 --seed 7'],
  exitCodes: {
    0: 'all invariants held, and enough was tried',
    1: 'a violation, or too little was tried',
    2: 'it could not be done, or an option cannot be used',
  },
});

/**
 * Reads the command line.
 *
 * @throws UsageError with one sentence on what cannot be used
 */
export function readChaosOptions(args: readonly string[]): ChaosOptions {
  const { seed, kinds, rate, ...values } = readArguments(COMMAND, args);
  return {
    ...values,
    seed: seed ?? Math.floor(Math.random() * SEED_MAX),
    kinds: kinds === undefined ? null : kinds.split(',').map((kind) => kind.trim()),
    maxPerSecond: rate,
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
