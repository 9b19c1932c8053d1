import type { ServerResponse } from 'node:http';
import { problem } from '../problems/problems.ts';
import type { FlowRow, Overview } from './answers.ts';

/** What open tabs are told. */
export interface TabsOptions {
  /** Rows of the flow after a moment, in seconds. */
  readonly rowsAfter: (at: number) => Promise<readonly FlowRow[]>;
  readonly overview: () => Promise<Overview>;
  readonly logger: { warn(text: string): void };
}

/** One stream for each tab that somebody looks at; more are no people. */
const MAX_TABS = 50;
const TICK_MS = 1000;
/** The overview asks databases: seldomer than the figures. */
const OVERVIEW_EVERY_TICKS = 3;
const MAX_STALLED_TICKS = 10;
/** A session may have ended: the tab comes back, and is asked again who it is. */
const MAX_AGE_MS = 30 * 60 * 1000;
const RECONNECT_DELAY_MS = 2000;

interface Tab {
  readonly response: ServerResponse;
  readonly openedAt: number;
  /** Rows up to here were sent. */
  toldUntil: number;
  /** For how many ticks what was written has not left. */
  stalledTicks: number;
}

/** The open tabs of a gateway. While there are none nothing is asked of anybody. */
export class Tabs {
  readonly #options: TabsOptions;
  readonly #tabs = new Set<Tab>();
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #isOver = false;

  constructor(options: TabsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#tabs.size;
  }

  /**
   * Begins a stream.
   *
   * @param toldUntil what the tab has already, in seconds since the epoch
   * @throws the problem `service-unavailable`
   */
  open(response: ServerResponse, toldUntil: number, now = performance.now()): void {
    if (this.#isOver) throw problem('service-unavailable', 'This node is stopping. Come back in a moment.');
    if (this.#tabs.size >= MAX_TABS) {
      throw problem('service-unavailable', `${MAX_TABS} tabs of the console are open at this node: close one of them.`);
    }
    const tab: Tab = { response, openedAt: now, toldUntil, stalledTicks: 0 };
    this.#tabs.add(tab);
    response.once('close', () => {
      this.#drop(tab);
    });
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx would collect the events before it hands them on.
      'X-Accel-Buffering': 'no',
    });
    response.write(`retry: ${RECONNECT_DELAY_MS}\n\n`);
    this.#timer ??= setInterval(() => {
      void this.runOnce();
    }, TICK_MS).unref();
    void this.runOnce();
  }

  /** Ends every stream; further ones are refused. */
  end(): void {
    this.#isOver = true;
    for (const { response } of this.#tabs) response.end();
    this.#tabs.clear();
    this.#stopTicking();
  }

  /** Tells every tab what it does not know yet. */
  async runOnce(now = performance.now()): Promise<void> {
    if (this.#tabs.size === 0) return;
    const isTimeForOverview = this.#ticks++ % OVERVIEW_EVERY_TICKS === 0;
    try {
      const oldest = Math.min(...[...this.#tabs].map(({ toldUntil }) => toldUntil));
      const rows = await this.#options.rowsAfter(oldest);
      for (const tab of this.#tabs) this.#tell(tab, rows, now);
      if (isTimeForOverview) this.#tellAll('overview', await this.#options.overview());
    } catch (error) {
      this.#options.logger.warn(`The console has nothing to show for a moment: ${String(error)}`);
    }
  }

  #tell(tab: Tab, rows: readonly FlowRow[], now: number): void {
    const news = rows.filter(([at]) => at > tab.toldUntil);
    if (now - tab.openedAt >= MAX_AGE_MS) {
      tab.response.end();
      return;
    }
    if (tab.response.writableLength > 0) {
      // The tab reads nothing any more, or is gone without a word.
      if (++tab.stalledTicks >= MAX_STALLED_TICKS) tab.response.destroy();
      return;
    }
    tab.stalledTicks = 0;
    tab.toldUntil = news.at(-1)?.[0] ?? tab.toldUntil;
    tab.response.write(`event: flow\ndata: ${JSON.stringify(news)}\n\n`);
  }

  #tellAll(event: string, data: object): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const { response } of this.#tabs) response.write(text);
  }

  #drop(tab: Tab): void {
    this.#tabs.delete(tab);
    if (this.#tabs.size === 0) this.#stopTicking();
  }

  #stopTicking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#ticks = 0;
  }
}
