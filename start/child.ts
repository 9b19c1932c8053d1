import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How a child ended: its exit code, or the signal that ended it. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours that runs until it is told to stop. */
export interface Child {
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the process has ended, whoever ended it; never rejects. */
  readonly exited: Promise<ChildExit>;
  hasExited(): boolean;
  /** Sends a signal to the process; nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void;
}

/** A part of the system that runs and answers. */
export interface Running extends Child {
  /** Lets it end in good order, within a bound. */
  stop(): Promise<Stopped>;
  /** Ends it as a power cut would. */
  kill(): Promise<Stopped>;
}

export interface Stopped extends ChildExit {
  /** It did not end in time by itself. */
  readonly killed: boolean;
}

/** What everything that starts a part takes besides its own options. */
export interface StartHooks {
  /** Called as soon as there is a process, long before it answers. */
  readonly onSpawn?: (running: Running) => void;
  /** Ends the commands that prepare a start (a download, making a data folder). */
  readonly interrupt?: AbortSignal | undefined;
}

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Starts a process in a session of its own: Ctrl-C, which reaches every process of the foreground group at once, does
 * not reach it, so that the nodes can finish their work before Kafka and PostgreSQL go.
 *
 * @throws when the program cannot be started at all (it is missing, or may not be executed).
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    const exited = new Promise<ChildExit>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve({ code, signal });
      });
    });
    await spawned(child);
    return asChild(child, exited, options.logFile);
  } finally {
    closeSync(log);
  }
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

function asChild(child: ChildProcess, exited: Promise<ChildExit>, logFile: string): Child {
  if (child.pid === undefined) throw new Error('A process that was spawned has a pid.');
  return {
    pid: child.pid,
    logFile,
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    signal: (signal) => {
      child.kill(signal);
    },
  };
}

/**
 * Adds `stop` and `kill` to a child.
 *
 * @param stopSignal asks it to end in good order.
 * @param stopTimeoutMs a child that has not ended by then is killed.
 */
export function asRunning(child: Child, stopSignal: NodeJS.Signals, stopTimeoutMs: number): Running {
  return {
    ...child,
    stop: () => stopChild(child, stopSignal, stopTimeoutMs),
    kill: () => stopChild(child, 'SIGKILL', stopTimeoutMs),
  };
}

/**
 * Asks a child to end with `signal` and waits; one that has not ended after `timeoutMs` is killed.
 *
 * @returns how it ended, and whether it had to be killed.
 */
export async function stopChild(child: Child, signal: NodeJS.Signals, timeoutMs: number): Promise<Stopped> {
  child.signal(signal);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'late' as const);
  });
  const first = await Promise.race([child.exited, late]);
  clearTimeout(timer);
  if (first !== 'late') return { ...first, killed: false };
  child.signal('SIGKILL');
  return { ...(await child.exited), killed: true };
}

/** The last lines of a log, for a sentence about a child that died. */
export function lastLines(logFile: string, count: number): string[] {
  if (!existsSync(logFile)) return [];
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count);
}

/** `exit code 1` or `signal SIGKILL`. */
export function describeExit(exit: ChildExit): string {
  return exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
}
