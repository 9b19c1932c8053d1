import { defineCommand, readArguments } from '../terminal/command.js';

/** What `npm run fuzz` was asked to do. */
export interface FuzzOptions {
  readonly inputs: number;
  readonly amounts: number;
  readonly seed: number;
  readonly inFlight: number;
  /** Where the figures go as JSON; nowhere, if not given. */
  readonly json: string | undefined;
}

/** Something that whoever runs this can put right: one sentence for them, shown without a stack. */
export class FuzzError extends Error {
  override readonly name = 'FuzzError';
}

const COUNT_MAX = 100_000_000;
const IN_FLIGHT_MAX = 1024;
const SEED_MAX = 2 ** 31 - 1;

export const COMMAND = defineCommand({
  name: 'npm run fuzz',
  about: `Starts a system of its own (PostgreSQL, Kafka, three nodes; temporary data, free ports) and sends it generated requests,
good and bad ones, at all three doors. An oracle written from the contract judges each answer; after requests that may
change nothing both databases are compared. Then random amounts: each goes in as an order and is compared as it was sent,
answered, listed, booked, stored, and told in both topics.`,
  options: {
    inputs: { type: 'whole', about: 'generated requests', min: 0, max: COUNT_MAX, default: 1_000_000 },
    amounts: { type: 'whole', about: 'random amounts', min: 0, max: COUNT_MAX, default: 1_000_000 },
    seed: {
      type: 'whole',
      about: 'the same number sends the same; without it, another one each time',
      min: 0,
      max: SEED_MAX,
    },
    'in-flight': {
      type: 'whole',
      about: 'requests that wait for their answer at any time',
      min: 1,
      max: IN_FLIGHT_MAX,
      default: 64,
    },
    json: { type: 'text', takes: 'FILE', about: 'writes the figures there as well' },
  },
  examples: ['npm run fuzz', 'npm run fuzz -- --inputs 20000 --amounts 20000 --seed 7'],
  exitCodes: {
    0: 'nothing contradicts the contract',
    1: `a 5xx, a refusal that is no valid problem, an answer that the contract does not allow, a change by a refused
request, or an amount that differs somewhere; or it could not be run`,
  },
});

/**
 * Reads the command line.
 *
 * @throws UsageError with one sentence on what cannot be used
 */
export function readFuzzOptions(args: readonly string[]): FuzzOptions {
  const { 'in-flight': inFlight, seed, ...values } = readArguments(COMMAND, args);
  return { ...values, inFlight, seed: seed ?? Math.floor(Math.random() * SEED_MAX) };
}
