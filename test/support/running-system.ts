import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../start/free-port.ts';
import { shelterOf } from '../../start/postgres-home.ts';
import { projectRoot } from '../../start/project-root.ts';
import { startGuard } from './guard.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

/** Ends of `npm start`: it has said that it is ready, or it has ended. */
const READY = /Ready in [\d.]+ s/;

/** On a machine that does other things besides. */
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 60_000;

/** A place where `npm start` can run without meeting any other: ports and a data folder of its own. */
export interface SystemPlace {
  readonly folder: TemporaryFolder;
  /** For `npm start`, `npm run repl` and `npm run shop`. */
  readonly env: Readonly<Record<string, string>>;
  readonly ports: { readonly api: number; readonly orders: number; readonly payments: number };
  readonly urls: { readonly api: string; readonly orders: string; readonly payments: string };
  /** Removes the data. For `afterAll`. */
  remove(): void;
}

/** A running `npm start`. */
export interface RunningSystem {
  readonly pid: number;
  /** What it has written so far. */
  output(): string;
  /** Resolves when it has ended. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** What Ctrl-C does: every process of the foreground group gets it. */
  interrupt(): void;
  /** Ctrl-C, and waits for the end. */
  stop(): Promise<void>;
}

export async function systemPlace(): Promise<SystemPlace> {
  const folder = temporaryFolder();
  const [api, orders, payments, kafka, postgres] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  return {
    folder,
    ports: { api, orders, payments },
    urls: {
      api: `http://127.0.0.1:${api}`,
      orders: `http://127.0.0.1:${orders}`,
      payments: `http://127.0.0.1:${payments}`,
    },
    env: {
      API_PORT: String(api),
      ORDERS_PORT: String(orders),
      PAYMENTS_PORT: String(payments),
      KAFKA_PORT: String(kafka),
      POSTGRES_PORT: String(postgres),
      DATA_DIR: join(folder.path, 'data'),
    },
    remove: () => {
      folder.remove();
      rmSync(shelterOf(join(folder.path, 'data', 'postgres')), { recursive: true, force: true });
    },
  };
}

interface RunOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another clone than this one. */
  readonly cwd?: string;
  /** Who runs it, where this is root. */
  readonly user?: { readonly uid?: number; readonly gid?: number };
}

/** Runs `npm start` until it is ready, or has ended by itself. */
export async function runSystem(
  place: SystemPlace,
  { args = [], env = {}, cwd = projectRoot(), user = {} }: RunOptions = {},
): Promise<RunningSystem> {
  const child = spawn('npm', ['start', ...(args.length > 0 ? ['--', ...args] : [])], {
    cwd,
    env: { ...cleanEnvironment(), ...place.env, ...env },
    ...user,
    // A process group, as a shell gives to a command in the foreground.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error('npm cannot be run.');
  const guard = startGuard([]);
  guard.watch(-pid);
  let output = '';
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      guard.dismiss();
      resolve({ code, signal });
    });
  });
  await Promise.race([untilReady(child, (text) => (output += text)), exited]);
  const interrupt = (): void => {
    try {
      process.kill(-pid, 'SIGINT');
    } catch {
      // It has ended.
    }
  };
  return {
    pid,
    output: () => output,
    exited,
    interrupt,
    stop: async () => {
      interrupt();
      await exited;
    },
  };
}

/** One `npm start` for all tests of a file. To be used in tests alone. */
export function systemOfThisFile(): { readonly place: SystemPlace; readonly system: RunningSystem } {
  let place: SystemPlace | undefined;
  let system: RunningSystem | undefined;
  beforeAll(async () => {
    place = await systemPlace();
    system = await runSystem(place);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await system?.stop();
    place?.remove();
  }, STOP_TIMEOUT_MS);
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('The system starts before the first test.');
    return part;
  };
  return {
    get place() {
      return started(place);
    },
    get system() {
      return started(system);
    },
  };
}

function untilReady(child: ChildProcess, onText: (text: string) => string): Promise<void> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        if (READY.test(onText(bytes.toString()))) resolve();
      });
    }
  });
}

/** What jest and an outer npm set must not reach the product. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|JEST_|NODE_ENV$|TEST_|FORCE_COLOR$)/i.test(name)),
  );
}
