import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Resident memory of one node, second by second. */
export interface MemoryCurve {
  readonly node: string;
  readonly residentMb: readonly number[];
}

const SAMPLE_INTERVAL_MS = 1000;

/** Watches the resident memory of processes, once a second. */
export class MemorySampler {
  readonly #pids: readonly (readonly [node: string, pid: number])[];
  readonly #samples: number[][] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param pids process numbers by name */
  constructor(pids: Readonly<Record<string, number>>) {
    this.#pids = Object.entries(pids);
  }

  start(): void {
    this.#timer = setInterval(() => void this.#sample(), SAMPLE_INTERVAL_MS);
  }

  stop(): MemoryCurve[] {
    clearInterval(this.#timer);
    return this.#pids.map(([node], index) => ({ node, residentMb: this.#samples.map((row) => row[index] ?? 0) }));
  }

  async #sample(): Promise<void> {
    const { stdout } = await run('ps', ['-o', 'pid=,rss=', '-p', this.#pids.map(([, pid]) => pid).join(',')]);
    const residentMb = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number))
        .map(([pid = 0, residentKb = 0]) => [pid, Math.round(residentKb / 102.4) / 10]),
    );
    this.#samples.push(this.#pids.map(([, pid]) => residentMb.get(pid) ?? 0));
  }
}

const BARS = '▁▂▃▄▅▆▇█';

/** @returns the curve in one line, from nothing to its peak */
export function sparkline({ residentMb }: MemoryCurve): string {
  const peak = Math.max(...residentMb);
  return residentMb.map((mb) => BARS[Math.min(BARS.length - 1, Math.floor((mb / peak) * BARS.length))]).join('');
}
