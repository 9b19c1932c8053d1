/**
 * Loaded into a node before anything else (`NODE_OPTIONS=--import …`): this process's wall clock, as JavaScript sees it,
 * is the machine's plus the milliseconds that a file holds. The machine's own clock is never touched, and timers, which
 * go by the monotonic clock, run on: as when an operator or NTP steps the clock.
 */
import { readFileSync, writeSync } from 'node:fs';

/** A step is seen within this. */
const LOOK_EVERY_MS = 200;

const file = process.env['CHAOS_CLOCK_FILE'];
const MachineDate = Date;
let offsetMs = 0;

function look(): void {
  const before = offsetMs;
  try {
    const text = readFileSync(file ?? '', 'utf8').trim();
    offsetMs = /^-?\d+$/.test(text) ? parseInt(text, 10) : 0;
  } catch {
    offsetMs = 0;
  }
  if (offsetMs === before) return;
  writeSync(2, `${new Date().toISOString()} The clock was stepped by ${offsetMs - before} ms.\n`);
}

class ShiftedDate extends MachineDate {
  constructor(...parts: [] | [number | string | Date]) {
    if (parts.length === 0) super(MachineDate.now() + offsetMs);
    else super(...(parts as [number]));
  }

  static override now(): number {
    return MachineDate.now() + offsetMs;
  }
}

if (file !== undefined) {
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  globalThis.Date = new Proxy(ShiftedDate, {
    // Date() without new is a text.
    apply: () => new ShiftedDate().toString(),
  }) as unknown as DateConstructor;
}
