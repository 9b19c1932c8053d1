import { html, type View } from './html.ts';
import { clock, showsUtc } from './state.ts';

/** How values look. Amounts stay text from the database to the screen: nothing here computes with them. */

const THIN = '\u202f';
const DASH = '–';

export function count(value: number): string {
  return group(String(Math.round(value)));
}

/** @param cap counts end there: one more means "or more" */
export function cappedCount(value: number, cap = 10_000): string {
  return value > cap ? `${count(cap)}+` : count(value);
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/** @param amount decimal text, such as `-40.5` */
export function money(amount: string | number): string {
  const [whole = '0', fraction = ''] = String(amount).replace('-', '').split('.');
  const sign = String(amount).startsWith('-') ? '−' : '';
  return `${sign}${group(whole)}.${fraction.padEnd(2, '0')}`;
}

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return DASH;
  if (seconds === 0) return '0 ms';
  if (seconds < 0.0995) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  return value < 10 ? value.toFixed(1) : count(value);
}

export function bytes(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : `${Math.round(value / 1_048_576)} MB`;
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? DASH : `${Math.round(share * 100)}${THIN}%`;
}

/** `2026-11-23 07:30:01 UTC` */
export function utc(time: string | number | Date): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A moment: relative, or in UTC, as the reader chose; the other one on hover. */
export function Time({ at }: { readonly at: string | null | undefined }): View {
  if (at === null || at === undefined) return html`<span class="muted">${DASH}</span>`;
  const seconds = Math.floor((clock.value - new Date(at).getTime()) / 1000);
  const ago = seconds < 1 ? 'just now' : `${seconds < 60 ? `${seconds} s` : duration(seconds)} ago`;
  const isUtc = showsUtc.value;
  return html`<time class="nowrap" datetime=${at} title=${isUtc ? ago : utc(at)}>${isUtc ? utc(at) : ago}</time>`;
}

const STATUS_TONE: Readonly<Record<string, string>> = { NEW: 'warn', FINISHED: 'good', CANCELLED: '' };

/** A colour and a word: nobody has to tell colours apart. */
export function Status({ status, reason }: { readonly status: string; readonly reason?: string | null }): View {
  return html`<span class="status"
    ><i class="dot ${STATUS_TONE[status] ?? ''}" aria-hidden="true"></i>${status}${
      reason ? html`<span class="muted small">${reason}</span>` : null
    }</span
  >`;
}
