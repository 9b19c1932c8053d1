import type { Middleware, ServiceBroker } from 'moleculer';
import type { MessageHandler } from '../kafka/gone-nodes.ts';
import type { NodeSlot } from './node-slot.ts';

/**
 * Moleculer ends every node that meets another one under its id: both, when one has lost its lease and does not know yet.
 * Of the two, the one that holds the lease goes on.
 */
export function keepOwnId(slot: Pick<NodeSlot, 'isHeld' | 'leave'>): Middleware {
  let broker: ServiceBroker;
  return {
    name: 'KeepOwnId',
    created(created: ServiceBroker) {
      broker = created;
    },
    transitMessageHandler:
      (next: MessageHandler): MessageHandler =>
      (command, packet) => {
        const { sender, instanceID } = packet.payload ?? {};
        const isOther = command === 'INFO' && sender === broker.nodeID && instanceID !== broker.instanceID;
        if (!isOther) return next(command, packet);
        if (!slot.isHeld()) slot.leave();
        else broker.logger.warn(`Another node calls itself ${broker.nodeID}, without its lease: it has to leave.`);
        return Promise.resolve();
      },
  } as unknown as Middleware;
}
