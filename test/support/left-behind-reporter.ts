import { readdirSync, readFileSync } from 'node:fs';
import { projectRoot } from '../../start/project-root.ts';

/** globalTeardown, which ends PostgreSQL and Kafka, comes after the last test. */
const GRACE_MS = 30_000;
/** A process that was told to end may take this long. */
const ENDING_MS = 10_000;
const LOOK_EVERY_MS = 100;

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
    const before = new Set(processesOfTests().map(({ pid }) => pid));
    process.once('exit', () => {
      const left = waitUntilNone(() => processesOfTests().filter(({ pid }) => !before.has(pid)));
      if (left.length === 0) return;
      tell(
        'Left behind by the tests:',
        left.map(({ pid, command }) => `process ${pid}: ${command}`),
      );
      for (const { pid } of left) end(pid);
      process.exitCode = 1;
    });
  }

  onRunComplete(): void {
    // Never comes when nothing else keeps the process alive.
    setTimeout(endWhatIsOpen, GRACE_MS).unref();
  }
}

/** Of this checkout, or in a folder of its tests. None where there is no /proc. */
function processesOfTests(): { readonly pid: number; readonly command: string }[] {
  const marks = [`${projectRoot()}/`, 'orders-payments-test-'];
  return pids().flatMap((pid) => {
    const command = commandOf(pid);
    const isOurs = pid !== process.pid && marks.some((mark) => command.includes(mark));
    return isOurs ? [{ pid, command }] : [];
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Empty for one that has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
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
