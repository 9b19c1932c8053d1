import type { Snapshots } from '../snapshots.ts';
import { outboxPage } from './on-the-way.sql.ts';

/** A page is a short snapshot, also of an outbox in which millions of events wait. */
const PAGE_ROWS = 10_000;

export interface OutboxRow {
  readonly lane: number;
  readonly id: string;
  readonly event_id: string;
  readonly aggregate_type: string;
  readonly aggregate_id: string;
}

/** What waits to be published or is parked, in pages. A row that leaves meanwhile may or may not be seen. */
export async function* outboxPages(database: Snapshots): AsyncGenerator<readonly OutboxRow[]> {
  // The outbox first: from there a row goes to those that are parked.
  for (const table of ['outbox', 'outbox_parked'] as const) {
    let [lane, id] = [-1, '0'];
    for (;;) {
      const rows = await database.query<OutboxRow>(outboxPage(table), [lane, id, PAGE_ROWS]);
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE_ROWS) break;
      ({ lane, id } = last);
    }
  }
}
