import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf } from './process-table.js';

/** A process, named so that another one with the same number is never taken for it. */
export interface ProcessMark {
  readonly name: string;
  readonly pid: number;
  readonly birth: string;
}

/** How to reach the cluster. */
export interface ClusterAddresses {
  readonly brokers: string;
  readonly ordersUrl: string;
  readonly paymentsUrl: string;
  readonly apiPort: number;
  readonly ordersPort: number;
  readonly paymentsPort: number;
}

/** What `npm start` writes down about the cluster that it runs: `cluster.json` in the data folder. */
export interface ClusterState {
  readonly supervisor: ProcessMark;
  readonly startedAt: string;
  /** What the supervisor has started, in the order of its start. */
  readonly children: readonly ProcessMark[];
  /** There as soon as they are known; the nodes may still be starting. */
  readonly addresses: ClusterAddresses | undefined;
}

/** Names a process that is alive. */
export function markOf(name: string, pid: number): ProcessMark | undefined {
  const birth = birthOf(pid);
  return birth === undefined ? undefined : { name, pid, birth };
}

export function isAlive(mark: ProcessMark): boolean {
  return birthOf(mark.pid) === mark.birth;
}

/** The cluster that runs on this data folder now; undefined when none does. */
export async function readRunningCluster(dataDir: string): Promise<ClusterState | undefined> {
  const state = await readState(fileOf(dataDir));
  return state !== undefined && isAlive(state.supervisor) ? state : undefined;
}

export type Claim =
  | { readonly outcome: 'running'; readonly state: ClusterState }
  /** `leftovers`: what a supervisor that was killed has left running. */
  | { readonly outcome: 'claimed'; readonly leftovers: readonly ProcessMark[] };

/** The record of one supervisor, and its claim on the data folder. */
export class ClusterRecord {
  private readonly file: string;
  private state: ClusterState;

  constructor(dataDir: string) {
    this.file = fileOf(dataDir);
    const supervisor = markOf('npm start', process.pid);
    if (supervisor === undefined) throw new Error('This process is alive.');
    this.state = { supervisor, startedAt: new Date().toISOString(), children: [], addresses: undefined };
  }

  /** Takes the data folder for this process, unless a living supervisor has it. */
  async claim(): Promise<Claim> {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o755 });
    let leftovers: readonly ProcessMark[] = [];
    for (;;) {
      if (this.createFile(leftovers)) return { outcome: 'claimed', leftovers };
      const found = await readState(this.file);
      if (found !== undefined && isAlive(found.supervisor)) return { outcome: 'running', state: found };
      leftovers = found?.children.filter(isAlive) ?? leftovers;
      this.moveAside(found);
    }
  }

  addChild(name: string, pid: number): void {
    const mark = markOf(name, pid);
    if (mark === undefined) return;
    this.write({ ...this.state, children: [...this.state.children.filter(isAlive), mark] });
  }

  setAddresses(addresses: ClusterAddresses): void {
    this.write({ ...this.state, addresses });
  }

  /** Gives the data folder up. */
  release(): void {
    rmSync(this.file, { force: true });
  }

  private createFile(leftovers: readonly ProcessMark[]): boolean {
    // Written down at once: killed before it has ended them, this supervisor leaves them known to the next.
    this.state = { ...this.state, children: leftovers };
    try {
      writeFileSync(this.file, JSON.stringify(this.state, null, 2), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Removes a dead supervisor's record; between two that try this at once, only that record is ever removed. */
  private moveAside(dead: ClusterState | undefined): void {
    const aside = `${this.file}.${process.pid}`;
    try {
      renameSync(this.file, aside);
    } catch {
      return;
    }
    const moved = readFileSync(aside, 'utf8');
    if (dead !== undefined && moved !== JSON.stringify(dead, null, 2)) renameSync(aside, this.file);
    else rmSync(aside);
  }

  private write(state: ClusterState): void {
    this.state = state;
    const next = `${this.file}.next`;
    writeFileSync(next, JSON.stringify(state, null, 2));
    renameSync(next, this.file);
  }
}

const READ_ATTEMPTS = 5;
const READ_AGAIN_AFTER_MS = 50;

/** A file that cannot be read as a record may just be being written; after a quarter of a second it is not. */
async function readState(file: string): Promise<ClusterState | undefined> {
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt += 1) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as ClusterState;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      await sleep(READ_AGAIN_AFTER_MS);
    }
  }
  return undefined;
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'cluster.json');
}
