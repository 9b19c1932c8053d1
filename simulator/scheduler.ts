import { SeededRandom } from '../shop/random.ts';

/**
 * What may happen next, and which of it does: by seed. Everything that a simulated process waits for is an operation
 * here; nothing happens beside it, so a seed gives the same run each time.
 */

/** How much simulated time one step takes at most while others are ready. */
const STEP_MS_MAX = 2;
/** One operation in so many is late, and one of those is very late. */
const LATE_ONE_IN = 16;
const VERY_LATE_ONE_IN = 12;
const LATE_MS = 120;
const VERY_LATE_MS = 7000;

/** A process: its memory is gone when it crashes, and stands still while it is stopped. */
export class Process {
  readonly name: string;
  isAlive = true;
  isStopped = false;
  /** Answers that came while it was stopped. */
  readonly held: (() => void)[] = [];
  /** What the world does when it dies: connections that end. */
  readonly onDeath: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Hands something to the process: never, if it is dead; later, if it is stopped. */
  deliver(settle: () => void): void {
    if (!this.isAlive) return;
    if (this.isStopped) this.held.push(settle);
    else settle();
  }
}

export interface Operation {
  /** Whose wait this is; null for what happens outside of all processes. */
  readonly process: Process | null;
  readonly label: string;
  readonly run: () => void;
  /** Asked when its process died before it ran: true if it happens all the same, since it was sent already. */
  readonly survives: boolean;
  atMs: number;
  sequence: number;
  isCancelled: boolean;
}

export class Scheduler {
  readonly random: SeededRandom;
  nowMs = 0;
  /** Operations that have happened. */
  steps = 0;
  /** Of all that has happened, in order. */
  traceHash = 0x811c9dc5;
  onStep: (line: string) => void = () => undefined;
  /** Ends the delays: for the end of a run. */
  isCalm = false;
  #ready: Operation[] = [];
  readonly #later: Operation[] = [];
  #sequence = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.random.below(times) === 0;
  }

  /**
   * Waits for something that happens at a moment of the scheduler's choice.
   *
   * @param effect what happens outside of the process; its result or error is the answer
   * @param survives whether it may happen although the process has died since
   */
  call<T>(process: Process, label: string, effect: () => T, survives = false): Promise<T> {
    return new Promise((resolve, reject) => {
      this.add(
        process,
        label,
        () => {
          let settle: () => void;
          try {
            const result = effect();
            settle = () => {
              resolve(result);
            };
          } catch (error) {
            const failure = error instanceof Error ? error : new Error(String(error));
            settle = () => {
              reject(failure);
            };
          }
          process.deliver(settle);
        },
        survives,
      );
    });
  }

  /** Adds an operation; most are ready at once, some are late. */
  add(process: Process | null, label: string, run: () => void, survives = false): void {
    const late = !this.isCalm && this.oneIn(LATE_ONE_IN);
    const delayMs = late ? this.random.below(this.oneIn(VERY_LATE_ONE_IN) ? VERY_LATE_MS : LATE_MS) : 0;
    this.addAfter(delayMs, process, label, run, survives);
  }

  /** @returns the operation, to be cancelled by `cancel` */
  addAfter(delayMs: number, process: Process | null, label: string, run: () => void, survives = false): Operation {
    const operation: Operation = {
      process,
      label,
      run,
      survives,
      atMs: this.nowMs + delayMs,
      sequence: this.#sequence++,
      isCancelled: false,
    };
    if (delayMs <= 0) this.#ready.push(operation);
    else pushHeap(this.#later, operation);
    return operation;
  }

  cancel(operation: Operation): void {
    operation.isCancelled = true;
  }

  /** When the next operation may happen: in the past when one is ready, never (Infinity) when there is none. */
  get nextAtMs(): number {
    this.#ready = this.#ready.filter(({ isCancelled }) => !isCancelled);
    if (this.#ready.length > 0) return -Infinity;
    while (this.#later[0]?.isCancelled === true) popHeap(this.#later);
    return this.#later[0]?.atMs ?? Infinity;
  }

  /** Lets one thing happen. @returns false when nothing is left that could */
  step(): boolean {
    for (;;) {
      if (this.#ready.length === 0) {
        if (this.#later.length === 0) return false;
        this.#due(this.#later[0]?.atMs ?? 0);
        continue;
      }
      const operation = this.#take();
      if (operation.isCancelled) continue;
      if (operation.process?.isAlive === false && !(operation.survives && this.oneIn(2))) continue;
      this.#due(this.nowMs + this.random.below(STEP_MS_MAX + 1));
      this.#note(operation);
      operation.run();
      return true;
    }
  }

  #take(): Operation {
    const index = this.random.below(this.#ready.length);
    const operation = this.#ready[index] as Operation;
    const last = this.#ready.pop() as Operation;
    if (last !== operation) this.#ready[index] = last;
    return operation;
  }

  /** The clock moves on, and with it what is due. */
  #due(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs);
    for (let next = this.#later[0]; next !== undefined && next.atMs <= this.nowMs; next = this.#later[0]) {
      popHeap(this.#later);
      if (!next.isCancelled) this.#ready.push(next);
    }
  }

  #note({ process, label }: Operation): void {
    this.steps++;
    const line = `${this.steps} ${this.nowMs} ms ${process?.name ?? '-'}: ${label}`;
    for (let index = 0; index < line.length; index++) {
      this.traceHash = Math.imul(this.traceHash ^ line.charCodeAt(index), 0x01000193);
    }
    this.onStep(line);
  }
}

function isBefore(one: Operation, other: Operation): boolean {
  return one.atMs === other.atMs ? one.sequence < other.sequence : one.atMs < other.atMs;
}

function pushHeap(heap: Operation[], operation: Operation): void {
  heap.push(operation);
  for (let at = heap.length - 1; at > 0;) {
    const parent = (at - 1) >> 1;
    if (!isBefore(heap[at] as Operation, heap[parent] as Operation)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function popHeap(heap: Operation[]): void {
  const last = heap.pop() as Operation;
  if (heap.length === 0) return;
  heap[0] = last;
  for (let at = 0; ;) {
    let first = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && isBefore(heap[child] as Operation, heap[first] as Operation)) first = child;
    }
    if (first === at) return;
    swap(heap, at, first);
    at = first;
  }
}

function swap(heap: Operation[], one: number, other: number): void {
  [heap[one], heap[other]] = [heap[other] as Operation, heap[one] as Operation];
}
