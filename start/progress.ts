import { isColoured, isDrawn, painter } from '../terminal/colours.js';

/** Where progress is written: a terminal, a file, a pipe. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
// Where nothing can spin, a long step says after this time that it is still at work.
const REMINDER_MS = 5000;
const NAME_WIDTH = 12;
const DEFAULT_COLUMNS = 80;

interface Step {
  readonly name: string;
  readonly startedAt: number;
  readonly waitsFor: string;
}

/** Tells what happens: a line for each finished step with its seconds; on a terminal, a spinner for those that run. */
export class Progress {
  private readonly steps = new Set<Step>();
  private readonly stream: ProgressStream;
  private readonly spins: boolean;
  private readonly paint: ReturnType<typeof painter>;
  private timer: NodeJS.Timeout | undefined;
  private frame = 0;

  /** @param env `NO_COLOR` (any value) turns colours off, `TERM=dumb` the spinner too. */
  constructor(stream: ProgressStream, env: Readonly<Record<string, string | undefined>>) {
    this.stream = stream;
    this.spins = isDrawn(stream, env);
    this.paint = painter(isColoured(stream, env));
  }

  /** A line of its own. */
  say(text: string): void {
    this.erase();
    this.stream.write(`${text}\n`);
    this.draw();
  }

  /** A line about something that went wrong. */
  warn(text: string): void {
    this.say(`  ${this.paint('yellow', '!')} ${text}`);
  }

  /**
   * Shows a step while it runs.
   *
   * @param waitsFor what a long wait is for.
   * @param result shown behind the step's name when it is done.
   */
  async step<T>(name: string, waitsFor: string, work: () => Promise<T>, result: string): Promise<T> {
    const step: Step = { name, startedAt: performance.now(), waitsFor };
    this.steps.add(step);
    this.startTimer();
    try {
      const done = await work();
      this.finish(step, this.paint('green', '✓'), result);
      return done;
    } catch (error) {
      this.finish(step, this.paint('red', '✗'), '');
      throw error;
    }
  }

  private finish(step: Step, mark: string, result: string): void {
    this.steps.delete(step);
    this.say(`  ${mark} ${step.name.padEnd(NAME_WIDTH)} ${seconds(step).padStart(7)}  ${result}`.trimEnd());
    if (this.steps.size === 0) this.stopTimer();
  }

  private startTimer(): void {
    this.timer ??= setInterval(
      () => {
        if (this.spins) this.draw();
        else this.remind();
      },
      this.spins ? FRAME_MS : REMINDER_MS,
    ).unref();
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private remind(): void {
    for (const step of this.steps) this.stream.write(`  … ${step.name}: ${step.waitsFor} (${seconds(step)})\n`);
  }

  private draw(): void {
    if (!this.spins || this.steps.size === 0) return;
    this.frame += 1;
    const parts = [...this.steps].map((step) => `${step.name} ${seconds(step)}: ${step.waitsFor}`);
    const line = `  ${FRAMES[this.frame % FRAMES.length] ?? ''} ${parts.join(' · ')}`;
    // A line that wraps cannot be erased.
    this.stream.write(`\r\x1b[2K${line.slice(0, (this.stream.columns ?? DEFAULT_COLUMNS) - 1)}`);
  }

  private erase(): void {
    if (this.spins && this.steps.size > 0) this.stream.write('\r\x1b[2K');
  }
}

function seconds(step: Step): string {
  return `${((performance.now() - step.startedAt) / 1000).toFixed(1)} s`;
}
