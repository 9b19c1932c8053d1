import { parseArgs } from 'node:util';

export const HELP = `npm run planted -- [options]
  --only N,M    bugs by the numbers of their files; without it, all
  --seeds N     seeds that the simulator tries for each bug at most (300)
  --clean N     seeds without a bug, in all of which everything has to hold (20)
  --steps N     of each seed (1000)
  --json FILE   what was found, as JSON`;

export interface PlantedOptions {
  readonly help: boolean;
  /** Numbers of files, `07`; null for all. */
  readonly only: readonly string[] | null;
  readonly seeds: number;
  readonly cleanSeeds: number;
  readonly steps: number;
  readonly json: string | null;
}

/** Most are caught by the first three; an overtaken event needs a refusal at the right moment, one seed in twenty. */
const DEFAULT_SEEDS = 300;
/** `npm test` tries a thousand. */
const DEFAULT_CLEAN_SEEDS = 20;
const DEFAULT_STEPS = 1000;

/** @throws Error that names the option that is wrong */
export function readPlantedOptions(args: readonly string[]): PlantedOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      seeds: { type: 'string' },
      clean: { type: 'string' },
      steps: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    only: values.only?.split(',').map((number) => number.padStart(2, '0')) ?? null,
    seeds: readCount('seeds', values.seeds, DEFAULT_SEEDS),
    cleanSeeds: readCount('clean', values.clean, DEFAULT_CLEAN_SEEDS),
    steps: readCount('steps', values.steps, DEFAULT_STEPS),
    json: values.json ?? null,
  };
}

function readCount(name: string, text: string | undefined, otherwise: number): number {
  const count = Number(text ?? otherwise);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new Error(`--${name} is a whole number from 1 on, and not "${text ?? ''}".`);
  }
  return count;
}
