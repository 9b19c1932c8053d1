import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** globalTeardown, which ends PostgreSQL and Kafka, comes after the last test. */
const GRACE_MS = 30_000;
/** A process that was told to end may take this long. */
const ENDING_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** What a run starts has its variable; what other runs and checkouts on this machine start does not. */
const VARIABLE = 'JEST_RUN';

/** What Node knows of something that keeps a process alive: a child, a socket, a server. */
interface Handle {
  readonly pid?: number;
  readonly spawnargs?: readonly string[];
  readonly localPort?: number;
  readonly remotePort?: number;
}

/**
 * A run that leaves a process behind has failed. Jest ends its workers by force and says nothing of what they had started; in
 * its own process it waits without end for what is left open, and does not say what that is. This says both.
 */
export default class LeftBehindReporter {
  onRunStart(): void {
    const run = randomUUID();
    process.env[VARIABLE] = run;
    process.once('exit', () => {
      const left = waitUntilNone(() => processesOf(run));
      if (left.length === 0) return;
      const lines = left.map(({ pid, command }) => `process ${pid}: ${command}`);
      tell('Left behind by the tests:', lines);
      for (const { pid } of left) end(pid);
      process.exitCode = 1;
    });
  }

  onRunComplete(): void {
    // Never comes when nothing else keeps the process alive.
    setTimeout(endWhatIsOpen, GRACE_MS).unref();
  }
}

/** What a run has started, and has not ended. None where there is no /proc; this process got the variable after its start. */
function processesOf(run: string): { readonly pid: number; readonly command: string }[] {
  return pids()
    .filter((pid) => fileOf(pid, 'environ').includes(`${VARIABLE}=${run}`))
    .map((pid) => ({ pid, command: fileOf(pid, 'cmdline').replaceAll('\0', ' ').trim() }));
}

function pids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended, or is somebody else's. */
function fileOf(pid: number, name: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Nothing but this runs while the process exits: it may wait where it stands. */
function waitUntilNone<T>(look: () => readonly T[]): readonly T[] {
  const until = performance.now() + ENDING_MS;
  for (;;) {
    const left = look();
    if (left.length === 0 || performance.now() >= until) return left;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
}

function endWhatIsOpen(): void {
  const handles = (process as unknown as { _getActiveHandles(): Handle[] })._getActiveHandles();
  const children = handles.filter(({ spawnargs }) => spawnargs !== undefined);
  const sockets = handles.filter(({ remotePort }) => remotePort !== undefined);
  tell(`Open ${GRACE_MS / 1000} s after the last test: ${process.getActiveResourcesInfo().join(', ')}`, [
    ...children.map(({ pid, spawnargs }) => `process ${pid ?? '?'}: ${spawnargs?.join(' ') ?? ''}`),
    ...sockets.map(({ localPort, remotePort }) => `socket from port ${localPort ?? '?'} to ${remotePort ?? '?'}`),
  ]);
  for (const { pid } of children) if (pid !== undefined) end(pid);
  process.exit(children.length > 0 ? 1 : undefined);
}

function end(pid: number): void {
  try {
    process.kill(pid);
  } catch {
    // It has ended meanwhile.
  }
}

function tell(what: string, lines: readonly string[]): void {
  process.stderr.write(
    `${what}\n${lines.map((line) => `  ${line}\n`).join('')}Find out which test leaves it: npx jest FILE ends by itself or does not.\n`,
  );
}
