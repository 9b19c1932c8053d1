import { pauseAfter } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { classifyFailure } from './poison.ts';
import type { InboxMessage, Poison } from './record.ts';
import { Found, type Settled } from './settle-batch.ts';
import { split } from './split.ts';

export interface Attempts {
  /**
   * One transaction.
   *
   * @param last whether nothing of the batch is left after it
   * @param attempt 1, and one more for each that failed for a reason that may pass
   */
  readonly settle: (
    messages: readonly InboxMessage[],
    findings: ReadonlyMap<string, Poison>,
    last: boolean,
    attempt: number,
  ) => Promise<Settled>;
  /** Told after each commit. */
  readonly onSettled: (messages: readonly InboxMessage[], settled: Settled) => void;
  /** Told before each pause. @param failures in a row */
  readonly onRetry: (error: string, failures: number) => void;
  /** Ends the attempts between two transactions. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Settles a batch, however long it takes: splits it until poison stands alone, parks that, repeats everything else.
 *
 * @param batch in order of arrival
 * @param findings about single messages, known beforehand
 * @returns true when all is settled; false when the signal came first: what was not reported as settled is not
 */
export async function settleUntilDone(
  batch: readonly InboxMessage[],
  findings: ReadonlyMap<string, Poison>,
  { settle, onSettled, onRetry, signal, clock }: Attempts,
): Promise<boolean> {
  const found = new Map(findings);
  const parts: (readonly InboxMessage[])[] = [batch];
  let failures = 0;
  for (let part = parts[0]; part !== undefined; part = parts[0]) {
    if (signal.aborted) return false;
    try {
      const settled = await settle(part, found, parts.length === 1, failures + 1);
      parts.shift();
      failures = 0;
      onSettled(part, settled);
    } catch (error) {
      const next = learn(error, part, found);
      if (next.kind === 'replan') parts.splice(0, 1, ...next.parts);
      else {
        onRetry(next.error, ++failures);
        await pauseAfter(failures, signal, clock);
      }
    }
  }
  return true;
}

type Next =
  | { readonly kind: 'replan'; readonly parts: (readonly InboxMessage[])[] }
  | { readonly kind: 'retry'; readonly error: string };

/** What a failed attempt teaches: adds to what is found, and says which parts come next, or that only waiting helps. */
function learn(error: unknown, part: readonly InboxMessage[], found: Map<string, Poison>): Next {
  if (error instanceof Found) {
    for (const [place, poison] of error.findings) found.set(place, poison);
    return { kind: 'replan', parts: [part] };
  }
  const failure = classifyFailure(error);
  switch (failure.kind) {
    case 'refused': {
      const refused = part.find(({ event, place }) => event?.eventId === failure.eventId && !found.has(place));
      // A handler that refuses an event that it was not given is a bug: nothing is parked by mistake.
      if (refused === undefined) {
        return { kind: 'retry', error: `refused unknown event ${failure.eventId}: ${failure.error}` };
      }
      found.set(refused.place, { reason: 'refused', error: failure.error });
      return { kind: 'replan', parts: [part] };
    }
    case 'data-error': {
      const [alone] = part;
      if (part.length > 1) return { kind: 'replan', parts: split(part) };
      if (alone === undefined || found.has(alone.place)) return { kind: 'retry', error: failure.error };
      found.set(alone.place, { reason: 'data-error', error: failure.error });
      return { kind: 'replan', parts: [part] };
    }
    case 'retry':
      return failure;
  }
}
