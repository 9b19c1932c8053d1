import type { Service } from 'moleculer';
import type { ActReport, ActRequest, Side } from './act.ts';
import type { Selection } from './selection.ts';

/** One kind of dead letters of a service: what the actions stand on. */
export interface DeadLetterSide {
  readonly side: Side;
  /** How many there are, by consumer; one entry without a consumer for the relay. */
  count(): Promise<{ readonly consumer: string | null; readonly count: number; readonly oldest: Date | null }[]>;
  list(selection: Selection, after: string, limit: number): Promise<LetterPage>;
  /** @returns everything about a letter; null when there is none with this id */
  show(id: string): Promise<object | null>;
  act(request: ActRequest): Promise<ActReport>;
}

export interface LetterPage {
  /** Letters of the whole selection. */
  readonly total: number;
  readonly letters: readonly ListedLetter[];
}

/** A letter as lists show it. */
export interface ListedLetter {
  readonly id: string;
  readonly consumer: string | null;
  readonly reason: string;
  readonly error: string;
  readonly eventId: string | null;
  readonly type: string | null;
  /** `type/id`. */
  readonly aggregate: string | null;
  readonly place: string;
  readonly parkedAt: Date;
  /** Replays that refused it again. */
  readonly attempts: number;
  /** Earlier letters of its aggregate, or key: it waits for those. */
  readonly behind: number;
}

const sidesOfService = new WeakMap<Service, Map<Side, DeadLetterSide>>();

/** To be called by a mixin when its service has started. */
export function offerSide(service: Service, side: DeadLetterSide): void {
  sidesOf(service).set(side.side, side);
}

export function sidesOf(service: Service): Map<Side, DeadLetterSide> {
  const sides = sidesOfService.get(service) ?? new Map<Side, DeadLetterSide>();
  sidesOfService.set(service, sides);
  return sides;
}
