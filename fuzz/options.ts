import { parseArgs } from 'node:util';

/** What `npm run fuzz` was asked to do. */
export interface FuzzOptions {
  readonly help: boolean;
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

export const HELP = `npm run fuzz [-- options]

  Starts a system of its own (PostgreSQL, Kafka, three nodes; temporary data, free ports) and sends it generated requests,
  good and bad ones, at all three doors. An oracle written from the contract judges each answer; after requests that may
  change nothing both databases are compared. Then random amounts: each goes in as an order and is compared as it was sent,
  answered, listed, booked, stored, and told in both topics.

  --inputs 1000000    generated requests
  --amounts 1000000   random amounts
  --seed N            the same number sends the same
  --in-flight 64      requests that wait for their answer at any time
  --json FILE         writes the figures there as well
  --help              show this

  Exit code 1: a 5xx, a refusal that is no valid problem, an answer that the contract does not allow, a change by a
  refused request, or an amount that differs somewhere.`;

/**
 * Reads the command line.
 *
 * @throws FuzzError with one sentence on what cannot be used
 */
export function readFuzzOptions(args: readonly string[]): FuzzOptions {
  const values = readArguments(args);
  return {
    help: values.help ?? false,
    inputs: wholeNumber('inputs', values.inputs ?? '1000000', COUNT_MAX),
    amounts: wholeNumber('amounts', values.amounts ?? '1000000', COUNT_MAX),
    seed: wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * SEED_MAX)), SEED_MAX),
    inFlight: Math.max(1, wholeNumber('in-flight', values['in-flight'] ?? '64', IN_FLIGHT_MAX)),
    json: values.json,
  };
}

function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        inputs: { type: 'string' },
        amounts: { type: 'string' },
        seed: { type: 'string' },
        'in-flight': { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new FuzzError(
      `${(error as Error).message.split('.')[0] ?? ''}: "npm run fuzz -- --help" shows what there is.`,
    );
  }
}

function wholeNumber(name: string, text: string, max: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > max) {
    throw new FuzzError(`--${name} is "${text}"; it has to be a whole number up to ${max}.`);
  }
  return Number(text);
}
