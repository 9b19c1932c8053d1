import type { ServiceBroker, Transporters } from 'moleculer';
import { problem } from '../problems/problems.ts';

type Packet = Parameters<Transporters.Base['publish']>[0];

/** Turns an answer that cannot be sent into an error for its caller, who would wait for its time-out otherwise. */
export function replaceByError(broker: ServiceBroker, packet: Packet, bytes: number): void {
  const payload = packet.payload as unknown as Record<string, unknown>;
  const error = problem(
    'internal-error',
    `The call was done, but its answer of ${bytes} bytes is too large to be sent. Ask for less at once.`,
  );
  const plain = broker.errorRegenerator?.extractPlainError(error, payload as never);
  packet.payload = { id: payload['id'], meta: {}, success: false, data: null, error: plain } as never;
}
