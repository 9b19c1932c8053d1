import pg from 'pg';
import type { OrderStatus } from '../history/account-history.ts';
import type { History } from '../history/history.ts';

/** How exactly a settlement is dated; the primary key makes a look cheap. */
const LOOK_EVERY_MS = 250;
const IDS_AT_ONCE = 2000;
const CONNECT_TIMEOUT_MS = 2000;
const STATEMENT_TIMEOUT_MS = 5000;

/** Sees in the orders database when orders become final; while the database is away it sees nothing, and looks on. */
export class SettlementWatch {
  readonly #history: History;
  readonly #pool: pg.Pool;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(ordersUrl: string, history: History) {
    this.#history = history;
    this.#pool = new pg.Pool({
      connectionString: ordersUrl,
      max: 1,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
      application_name: 'chaos-watch',
      options: '-c default_transaction_read_only=on',
    });
    // The next look opens another one.
    this.#pool.on('error', () => undefined);
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.look().finally(() => {
        this.#timer?.refresh();
      });
    }, LOOK_EVERY_MS);
  }

  /** Looks once. */
  async look(): Promise<void> {
    const open = [...this.#history.notFinal.keys()];
    for (let from = 0; from < open.length; from += IDS_AT_ONCE) {
      const askedAtMs = Date.now();
      try {
        const { rows } = await this.#pool.query<{ order_id: string; status: OrderStatus; reason: string | null }>(
          `SELECT order_id, status, reason FROM orders WHERE order_id = ANY ($1::uuid[]) AND status <> 'NEW'`,
          [open.slice(from, from + IDS_AT_ONCE)],
        );
        for (const row of rows) {
          this.#history.sawOrder(row.order_id, row.status, row.reason, askedAtMs, 'the orders database');
        }
      } catch {
        return;
      }
    }
  }

  async stop(): Promise<void> {
    const timer = this.#timer;
    this.#timer = undefined;
    clearTimeout(timer);
    await this.#looking;
    await this.#pool.end();
  }
}
