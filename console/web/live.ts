import { effect, signal } from '@preact/signals';
import type { FlowRow, FlowTable, Overview } from '../answers.ts';
import { get } from './api.ts';
import { isPaused, isSelecting } from './state.ts';

/** What the gateway tells this tab by itself: one stream, closed while nobody looks. */

export type Connection = 'connecting' | 'live' | 'paused' | 'broken';

export const overview = signal<Overview | null>(null);
/** The last quarter of an hour, by seconds. */
export const flow = signal<FlowTable | null>(null);
export const connection = signal<Connection>('connecting');
/** Why there is nothing. */
export const flowError = signal<string | null>(null);

const KEPT_ROWS = 900;
const RETRY_MS = 3000;
/** The gateway says something each second. */
const SILENCE_MS = 6000;

let source: EventSource | null = null;
let retry: ReturnType<typeof setTimeout> | undefined;
let heardAt = 0;

/** Begins, and from then on follows whether somebody looks. */
export function startLive(): void {
  document.addEventListener('visibilitychange', follow);
  effect(follow);
  setInterval(() => {
    if (source !== null && Date.now() - heardAt > SILENCE_MS) connection.value = 'broken';
  }, 1000);
}

function follow(): void {
  const wanted = !isPaused.value && !document.hidden;
  if (!wanted) {
    close();
    connection.value = 'paused';
  } else if (source === null) void open();
}

function close(): void {
  clearTimeout(retry);
  source?.close();
  source = null;
}

async function open(): Promise<void> {
  clearTimeout(retry);
  connection.value = 'connecting';
  try {
    const history = await get<FlowTable>('/console/api/flow');
    flow.value = history;
    flowError.value = null;
    if (isPaused.peek() || document.hidden || source !== null) return;
    listen(new EventSource(`/console/api/live?since=${history.rows.at(-1)?.[0] ?? ''}`));
  } catch (error) {
    flowError.value = (error as Error).message;
    connection.value = 'broken';
    retry = setTimeout(() => {
      follow();
    }, RETRY_MS);
  }
}

function listen(opened: EventSource): void {
  source = opened;
  heardAt = Date.now();
  opened.addEventListener('flow', ({ data }: MessageEvent<string>) => {
    heardAt = Date.now();
    connection.value = 'live';
    const news = JSON.parse(data) as FlowRow[];
    if (flow.value === null || news.length === 0 || isSelecting()) return;
    const last = flow.value.rows.at(-1)?.[0] ?? 0;
    const rows = [...flow.value.rows, ...news.filter(([at]) => at > last)];
    flow.value = { ...flow.value, rows: rows.slice(-KEPT_ROWS) };
  });
  opened.addEventListener('overview', ({ data }: MessageEvent<string>) => {
    heardAt = Date.now();
    overview.value = JSON.parse(data) as Overview;
  });
  opened.addEventListener('error', () => {
    // It would come back by itself with the history that it had; ours begins anew, without a hole.
    connection.value = 'broken';
    close();
    retry = setTimeout(follow, RETRY_MS);
  });
}
