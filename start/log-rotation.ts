import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { DataFolder } from './data-folder.ts';

/** Of each log, besides its last lines that a second may add; five logs of four files are 200 MB. */
const MAX_BYTES = 10 * 1024 * 1024;
/** Files that are kept of each log, besides the one that is written. */
const KEPT = 3;
/** Costs five looks at a file's size; a node that logs a line for each of 5 000 requests a second writes 2 MB meanwhile. */
const LOOK_EVERY_MS = 1000;
const CHUNK_BYTES = 1024 * 1024;

export interface RotationLimits {
  readonly maxBytes: number;
  readonly kept: number;
  readonly lookEveryMs: number;
}

/** Begins new logs: what the last run has written is `name.1.log`, what the one before has, `name.2.log`. */
export function shiftLogs(folder: DataFolder, names: readonly string[]): void {
  for (const name of names) {
    const file = folder.logFileOf(name);
    if (existsSync(file) && statSync(file).size > 0) renameSync(file, makeRoom(file, KEPT));
  }
}

/**
 * Keeps logs small while others write them. PostgreSQL, Kafka and the nodes write to a file that was opened for them, and
 * go on when this process is gone: so a log that has grown is copied and emptied, as logrotate's `copytruncate` does. A
 * line that is written between the copy's last read and the emptying, some microseconds later, is lost.
 *
 * @returns ends it
 */
export function keepLogsSmall(files: readonly string[], limits: Partial<RotationLimits> = {}): () => void {
  const { maxBytes = MAX_BYTES, kept = KEPT, lookEveryMs = LOOK_EVERY_MS } = limits;
  const timer = setInterval(() => {
    for (const file of files) {
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxBytes) rotate(file, kept);
    }
  }, lookEveryMs).unref();
  return () => {
    clearInterval(timer);
  };
}

function rotate(file: string, kept: number): void {
  const target = makeRoom(file, kept);
  try {
    moveContents(file, target);
  } catch {
    // A full disk: half a copy helps nobody, and the next look tries again.
    rmSync(target, { force: true });
  }
}

/** Whoever writes the file has opened it for appending, and goes on at its new end. */
function moveContents(from: string, to: string): void {
  const source = openSync(from, 'r+');
  const target = openSync(to, 'w');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const length = readSync(source, chunk, 0, CHUNK_BYTES, null);
      if (length === 0) break;
      writeSync(target, chunk, 0, length);
    }
    ftruncateSync(source, 0);
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

/** @returns `name.1.log`, which is free now */
function makeRoom(file: string, kept: number): string {
  const older = (age: number): string => file.replace(/\.log$/, `.${age}.log`);
  rmSync(older(kept), { force: true });
  for (let age = kept - 1; age >= 1; age -= 1) if (existsSync(older(age))) renameSync(older(age), older(age + 1));
  return older(1);
}
