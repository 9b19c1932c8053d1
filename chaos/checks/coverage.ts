import type { OrderHistory } from '../history/account-history.ts';
import type { RequestSpan } from '../history/history.ts';

/** What of a fault the coverage needs; times are `Date.now()`. */
export interface FaultSpan {
  readonly kind: string;
  readonly startedAtMs: number;
  readonly healedAtMs: number;
  /** It did something, as its own evidence says. */
  readonly hit: boolean;
}

/** I12: how much of a campaign lay outside of fault windows, and how its requests fared there. */
export interface Outside {
  /** 0 to 1, of the time. */
  readonly timeShare: number;
  readonly requests: number;
  readonly good: number;
  /** 0 to 1, of the requests; 0 where there were none. */
  readonly goodShare: number;
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fault windows that overlap are one. */
export function mergeWindows(faults: readonly FaultSpan[]): Window[] {
  const windows: Window[] = [];
  for (const { startedAtMs, healedAtMs } of faults.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    const last = windows.at(-1);
    if (last === undefined || startedAtMs > last.toMs) windows.push({ fromMs: startedAtMs, toMs: healedAtMs });
    else if (healedAtMs > last.toMs) windows[windows.length - 1] = { fromMs: last.fromMs, toMs: healedAtMs };
  }
  return windows;
}

/**
 * @param campaign from the first moment at which a fault could come to the last heal
 * @param spans requests; one that touches a window is not outside
 */
export function outsideFaults(faults: readonly FaultSpan[], spans: readonly RequestSpan[], campaign: Window): Outside {
  const windows = mergeWindows(faults);
  const covered = windows.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, toMs - fromMs), 0);
  const outside = spans.filter(
    ({ sentAtMs, endedAtMs }) =>
      sentAtMs >= campaign.fromMs && endedAtMs <= campaign.toMs && !touches(windows, sentAtMs, endedAtMs),
  );
  const good = outside.filter(({ isGood }) => isGood).length;
  const lengthMs = campaign.toMs - campaign.fromMs;
  return {
    timeShare: lengthMs > 0 ? 1 - covered / lengthMs : 0,
    requests: outside.length,
    good,
    goodShare: outside.length > 0 ? good / outside.length : 0,
  };
}

function touches(windows: readonly Window[], fromMs: number, toMs: number): boolean {
  return windows.some((window) => fromMs <= window.toMs && toMs >= window.fromMs);
}

/** Orders that were in flight, answered and not final, at some moment from one time to another. */
export function ordersInFlight(orders: Iterable<OrderHistory>, fromMs: number, toMs: number): string[] {
  const inFlight: string[] = [];
  for (const { orderId, answeredAtMs, finalAtMs } of orders) {
    if (answeredAtMs <= toMs && (finalAtMs === null || finalAtMs > fromMs)) inFlight.push(orderId);
  }
  return inFlight;
}
