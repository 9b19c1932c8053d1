import type { NewEvent } from '../../events/event.ts';
import type { Logger } from '../../kafka/client.ts';
import { traceIdOf } from '../../tracing/tracer.ts';

/** A line for each order that was decided: which one and how, and in whose trace; never whose, or how much. */
export function logDecisions(
  logger: Pick<Logger, 'debug'>,
  decisions: readonly NewEvent[],
  traceparentOf: (decision: NewEvent) => string | null,
): void {
  for (const decision of decisions) {
    const { definition, aggregateId } = decision;
    logger.debug(`An order is decided: ${definition.type}.`, {
      orderId: aggregateId,
      ...traceIdOf(traceparentOf(decision)),
    });
  }
}
