import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from './summary.ts';

/** Below the project's root. */
const FOLDER = join('bench', 'results');
const FILE_NAME = /^run-[^a-z]*Z\.json$/;

/** A run of the benchmarks, as it is kept: what has been measured is never measured again. */
export interface Run {
  readonly startedAt: string;
  readonly commit: string;
  readonly node: string;
  readonly cores: number;
  readonly quick: boolean;
  readonly rounds: number;
  /** By benchmark, in the order in which they were made. */
  readonly measurements: Record<string, Measurement[]>;
}

/** A run whose every measurement is on the disk as soon as it is made. */
export class RunStore {
  readonly run: Run;

  private constructor(run: Run) {
    this.run = run;
  }

  static begin(options: Pick<Run, 'quick' | 'rounds'>): RunStore {
    return new RunStore({
      startedAt: new Date().toISOString(),
      commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
      node: process.version,
      cores: cpus().length,
      ...options,
      measurements: {},
    });
  }

  /** @returns the latest run; null when there is none */
  static latest(): RunStore | null {
    return RunStore.#find(() => true);
  }

  /** @returns the latest run that has measured this benchmark; null when there is none */
  static latestWith(benchmark: string): RunStore | null {
    return RunStore.#find(({ measurements }) => measurements[benchmark] !== undefined);
  }

  static #find(isMeant: (run: Run) => boolean): RunStore | null {
    mkdirSync(FOLDER, { recursive: true });
    const names = readdirSync(FOLDER).filter((name) => FILE_NAME.test(name));
    for (const name of names.sort().toReversed()) {
      const run = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Run;
      if (isMeant(run)) return new RunStore(run);
    }
    return null;
  }

  measurementsOf(benchmark: string): readonly Measurement[] {
    return this.run.measurements[benchmark] ?? [];
  }

  add(benchmark: string, measurement: Measurement): void {
    (this.run.measurements[benchmark] ??= []).push(measurement);
    this.write('.json', `${JSON.stringify(this.run, undefined, 2)}\n`);
  }

  /**
   * Writes a file of this run.
   *
   * @param ending after the run's own name: `-settled-orders.svg`
   * @returns its path
   */
  write(ending: string, text: string): string {
    mkdirSync(FOLDER, { recursive: true });
    const path = join(FOLDER, `run-${this.run.startedAt.replaceAll(':', '-')}${ending}`);
    writeFileSync(path, text);
    return path;
  }
}
