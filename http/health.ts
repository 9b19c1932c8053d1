import type { ServiceBroker } from 'moleculer';
import { unreadyParts, type UnreadyPart } from '../health/readiness.ts';

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: { readonly status: string; readonly parts?: readonly UnreadyPart[] };
}

/** The process runs and answers: what a restart would not improve is readiness. */
export function live(): HealthAnswer {
  return { status: 200, body: { status: 'live' } };
}

/** Whether this node can do its work now; otherwise each part that cannot, and why. */
export function ready(broker: ServiceBroker): HealthAnswer {
  const parts = unreadyParts(broker);
  return parts.length === 0
    ? { status: 200, body: { status: 'ready' } }
    : { status: 503, body: { status: 'unready', parts } };
}
