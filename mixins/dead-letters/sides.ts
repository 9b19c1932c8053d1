import type { Service } from 'moleculer';
import type { ActReport, LetterCount, LettersPage, Side } from '../../contract/dead-letters.ts';
import type { ActRequest } from './act.ts';
import type { Selection } from './selection.ts';

/** One kind of dead letters of a service: what the actions stand on. */
export interface DeadLetterSide {
  readonly side: Side;
  count(): Promise<LetterCount<Date>[]>;
  list(selection: Selection, after: string, limit: number): Promise<Omit<LettersPage<Date>, 'after'>>;
  /** @returns everything about a letter; null when there is none with this id */
  show(id: string): Promise<object | null>;
  act(request: ActRequest): Promise<ActReport>;
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
