import type { NewEvent } from '../events/event.ts';

/**
 * For `addToOutbox`, when one transaction writes for many: lets each event go on in the trace of its own cause.
 *
 * @param causes what the events are about, such as the orders that are paid
 * @param idOf the id of a cause, which is its event's `aggregateId`
 * @param traceparentOf the W3C trace context of a cause
 */
export function continueTraces<Cause>(
  causes: readonly Cause[],
  idOf: (cause: Cause) => string,
  traceparentOf: (cause: Cause) => string | null,
): (event: NewEvent) => string | null {
  let byId: ReadonlyMap<string, string | null> | undefined;
  return ({ aggregateId }) => {
    byId ??= new Map(causes.map((cause) => [idOf(cause), traceparentOf(cause)]));
    return byId.get(aggregateId) ?? null;
  };
}
