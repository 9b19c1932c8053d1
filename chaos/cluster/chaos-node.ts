import { closeSync, existsSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeExit, lastLines, type Running } from '../../start/child.ts';
import { startNode } from '../../start/node-process.ts';
import { projectRoot } from '../../start/project-root.ts';
import type { Link } from './toxiproxy.ts';

export type ServiceName = 'api' | 'orders' | 'payments';

/** A process of the system that may be stopped, killed and started at will. */
export interface ChaosNode {
  /** `orders-1` */
  readonly name: string;
  readonly service: ServiceName;
  /** Of its HTTP door. */
  readonly port: number;
  /** Its ways to the servers. */
  readonly links: { readonly postgres: Link; readonly kafka: Link };
  readonly logFile: string;
  /** Null while it does not run. */
  readonly pid: () => number | null;
  /** Sends a signal; SIGKILL and SIGTERM are waited for. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it and waits until it is ready. Nothing happens when it runs. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** As a rolling restart does: SIGTERM, and the time to finish. */
  stopGracefully(): Promise<void>;
  /** Has it kill itself at a point of its code; see `crash-points/`. The empty text disarms. */
  armCrashPoint(point: string): void;
  /** Steps its clock: the machine's, and so many milliseconds. */
  stepClock(offsetMs: number): void;
  /** What it logs from now on. */
  readLogFromHere(): () => string;
}

/** A node ended, and no fault had told it to. */
export interface UnorderedExit {
  readonly node: string;
  readonly at: string;
  /** `exit code 1` */
  readonly how: string;
  readonly logTail: readonly string[];
}

export interface NodePlace {
  readonly name: string;
  readonly service: ServiceName;
  readonly port: number;
  readonly links: ChaosNode['links'];
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onSpawn: (child: Running) => void;
  readonly onUnorderedExit: (exit: UnorderedExit) => void;
}

/** What a node says that leaves because another one has its slot: its supervisor is to start it again. */
const LEAVES_BY_DESIGN = /Another node has taken the slot/;
const LINES_KEPT = 15;

/** One node of the campaign, and the supervisor that starts it again when it ends by itself. */
export class NodeUnderTest implements ChaosNode {
  readonly name: string;
  readonly service: ServiceName;
  readonly port: number;
  readonly links: ChaosNode['links'];
  readonly logFile: string;
  readonly #place: NodePlace;
  readonly #clockFile: string;
  readonly #crashFile: string;
  #running: Running | null = null;
  #starting: Promise<void> | null = null;
  /** Whose end somebody wants: a pid is told apart from the ones that follow it. */
  readonly #wanted = new Set<number>();

  constructor(place: NodePlace) {
    this.#place = place;
    this.name = place.name;
    this.service = place.service;
    this.port = place.port;
    this.links = place.links;
    this.logFile = join(place.folder, 'logs', `${place.name}.log`);
    this.#clockFile = join(place.folder, 'control', `${place.name}.clock`);
    this.#crashFile = join(place.folder, 'control', `${place.name}.crash-point`);
  }

  readonly pid = (): number | null => this.#running?.pid ?? null;

  async kill(signal: NodeJS.Signals): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    if (signal !== 'SIGKILL' && signal !== 'SIGTERM') {
      running.signal(signal);
      return;
    }
    this.#wanted.add(running.pid);
    running.signal(signal);
    await running.exited;
  }

  start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#starting ??= this.#start(env).finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async stopGracefully(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#wanted.add(running.pid);
    const ended = await running.stop();
    if (ended.killed) this.#tellOf('it did not end in time after SIGTERM and was killed');
  }

  armCrashPoint(point: string): void {
    writeFileSync(this.#crashFile, point);
    const running = this.#running;
    if (running === null) return;
    if (point === '') this.#wanted.delete(running.pid);
    else this.#wanted.add(running.pid);
    running.signal('SIGUSR2');
  }

  stepClock(offsetMs: number): void {
    writeFileSync(this.#clockFile, String(offsetMs));
  }

  readLogFromHere(): () => string {
    const from = existsSync(this.logFile) ? statSync(this.logFile).size : 0;
    return () => readFrom(this.logFile, from);
  }

  async #start(env: Readonly<Record<string, string>>): Promise<void> {
    if (this.#running !== null) return;
    writeFileSync(this.#crashFile, '');
    await startNode({
      service: this.service,
      port: this.port,
      logFile: this.logFile,
      env: {
        ...this.#place.env,
        CRASH_POINT_FILE: this.#crashFile,
        CRASH_POINTS_IN_PRODUCTION: 'true',
        CHAOS_CLOCK_FILE: this.#clockFile,
        NODE_OPTIONS: `--import=${pathToFileURL(join(projectRoot(), 'chaos', 'cluster', 'shifted-clock.ts')).href}`,
        ...env,
      },
      onSpawn: (running) => {
        this.#running = running;
        this.#place.onSpawn(running);
        void this.#superviseUntilEnd(running);
      },
    });
  }

  /** A node that ends by itself is started again, as its operator's supervisor would; nobody forgets that it did. */
  async #superviseUntilEnd(running: Running): Promise<void> {
    const exit = await running.exited;
    this.#running = null;
    if (this.#wanted.delete(running.pid)) return;
    this.#tellOf(describeExit(exit));
    await this.#starting?.catch(() => undefined);
    await this.start().catch((error: unknown) => {
      this.#tellOf(`it did not start again: ${String(error)}`);
    });
  }

  #tellOf(how: string): void {
    const logTail = lastLines(this.logFile, LINES_KEPT);
    if (logTail.some((line) => LEAVES_BY_DESIGN.test(line))) return;
    this.#place.onUnorderedExit({ node: this.name, at: new Date().toISOString(), how, logTail });
  }
}

function readFrom(file: string, from: number): string {
  if (!existsSync(file)) return '';
  const size = statSync(file).size - from;
  if (size <= 0) return '';
  const bytes = Buffer.alloc(size);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, bytes, 0, size, from);
  } finally {
    closeSync(descriptor);
  }
  return bytes.toString('utf8');
}
