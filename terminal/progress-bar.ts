import { isColoured, isDrawn } from './colours.js';

/** Where progress is written: a terminal, a file, a pipe. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

const BAR_WIDTH = 30;
/** Often enough to look alive, seldom enough to cost nothing beside the load. */
const REDRAW_MS = 100;
const DEFAULT_COLUMNS = 80;
const ERASE = '\r\x1b[2K';

/** A bar that fills on a terminal; anywhere else, a line for every tenth that is done. */
export class ProgressBar {
  private readonly stream: ProgressStream;
  private readonly title: string;
  private readonly total: number;
  private readonly draws: boolean;
  private readonly coloured: boolean;
  private readonly startedAt = performance.now();
  private done = 0;
  private drawnAt = 0;

  /** @param env `NO_COLOR` (any value) turns colours off, `TERM=dumb` the drawing too */
  constructor(stream: ProgressStream, env: Environment, title: string, total: number) {
    this.stream = stream;
    this.title = title;
    this.total = total;
    this.draws = isDrawn(stream, env);
    this.coloured = isColoured(stream, env);
  }

  /** A line of its own, above the bar. */
  say(text: string): void {
    const isUnderWay = this.draws && this.done < this.total;
    this.stream.write(`${isUnderWay ? ERASE : ''}${text}\n`);
    if (isUnderWay) this.redraw(true);
  }

  /** Some more are done. */
  advance(count = 1): void {
    const before = this.done;
    this.done += count;
    const finished = this.done === this.total;
    if (this.draws) this.redraw(finished);
    else if (this.tenths(this.done) > this.tenths(before)) {
      this.stream.write(`  ${this.title} ${this.tenths(this.done) * 10} %  ${this.figures()}\n`);
    }
  }

  private redraw(isDue: boolean): void {
    const now = performance.now();
    const finished = this.done === this.total;
    if (!isDue && now - this.drawnAt < REDRAW_MS) return;
    this.drawnAt = now;
    const filled = Math.floor((this.done / this.total) * BAR_WIDTH);
    const full = '█'.repeat(filled);
    const empty = '░'.repeat(BAR_WIDTH - filled);
    const text = ` ${this.figures()}`;
    // A line that wraps cannot be drawn over.
    const room = Math.max(0, (this.stream.columns ?? DEFAULT_COLUMNS) - 1 - this.title.length - BAR_WIDTH - 3);
    const bar = this.coloured ? `\x1b[36m${full}\x1b[90m${empty}\x1b[0m` : full + empty;
    this.stream.write(`${ERASE}  ${this.title} ${bar}${text.slice(0, room)}${finished ? '\n' : ''}`);
  }

  private tenths(done: number): number {
    return Math.floor((done / this.total) * 10);
  }

  private figures(): string {
    const seconds = Math.max((performance.now() - this.startedAt) / 1000, 0.001);
    return `${this.done}/${this.total}  ${Math.round(this.done / seconds)}/s`;
  }
}
