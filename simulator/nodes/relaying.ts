import { RelayLoop } from '../../mixins/outbox/relay-loop.ts';
import { SimulatedPublisher } from '../bus/publisher.ts';
import { SimulatedLaneSession } from '../store/lane-session.ts';
import type { NodeParts } from './node-parts.ts';

/**
 * Runs the product's relay on a simulated session and a simulated topic, until its process dies.
 *
 * @returns tells it that somebody committed events
 */
export function relay({ clock, service, process, dice, lanes, publishing, logger, count }: NodeParts): () => void {
  let sessions = 0;
  let notify = (): void => undefined;
  new RelayLoop({
    openSession: (events) => {
      if (++sessions > 1) count('relay began anew');
      notify = events.onNotify;
      return SimulatedLaneSession.open({ database: service.database, process, dice, lanes, clock, ...events });
    },
    publisher: new SimulatedPublisher(publishing),
    logger,
    clock,
  }).start();
  return () => {
    notify();
  };
}
