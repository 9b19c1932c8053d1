import { Type } from '@sinclair/typebox';
import { EventSchemas } from '../../../events/envelope.ts';
import { defineEvent, type NewEvent } from '../../../events/event.ts';
import type { OpenTransaction } from '../../../mixins/idempotency-keys/write-store.ts';
import { laneOf } from '../../../mixins/outbox/lanes.ts';
import type { OutboxRules } from '../../../mixins/outbox/outbox-row.ts';
import type { LaneSession } from '../../../mixins/outbox/relay.ts';

/** A relay's session, with what its loop needs of it beside the port. */
export interface StagedSession extends LaneSession {
  readonly endedBecause: Error | null;
  balance(): Promise<boolean>;
  close(): void | Promise<void>;
}

/** An outbox with four lanes, and relays' sessions on it. */
export interface OutboxStage {
  /** Opens a session; it holds no lane until it has balanced. */
  openSession(onEnd?: () => void): Promise<StagedSession>;
  begin(): Promise<OpenTransaction>;
  /** Reads something, and takes no lock. */
  look(transaction: OpenTransaction): Promise<void>;
  addToOutbox(events: readonly NewEvent[], transaction: OpenTransaction): Promise<void>;
  /** As a person who discards what is parked. */
  discardParked(ids: readonly number[], transaction: OpenTransaction): Promise<void>;
  /** The server ends every relay's session. */
  endSessions(): Promise<void>;
  /** How many statements wait for a lock now. */
  waiting(): Promise<number>;
  /** Ends what a test left open, and empties the outbox. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export const LANES = 4;

const thingDone = defineEvent({
  type: 'thing.done',
  dataschema: 'thing.done/1',
  aggregateType: 'thing',
  data: Type.Object({ text: Type.String() }),
});

export const RULES: OutboxRules = { schemas: new EventSchemas([thingDone]), lanes: LANES };

export function thing(partitionKey: string, text = ''): NewEvent {
  return { definition: thingDone, aggregateId: partitionKey, aggregateVersion: 1, partitionKey, data: { text } };
}

/** A partition key of that lane; another one for each name. */
export function keyIn(lane: number, name = 'key'): string {
  for (let tries = 0; ; tries++) {
    const key = `${name}-${tries}`;
    if (laneOf(key, LANES) === lane) return key;
  }
}
