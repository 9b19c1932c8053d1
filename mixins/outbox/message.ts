/** An outbox message: one row of the outbox, as the relay reads it. */
export interface OutboxMessage {
  readonly lane: number;
  readonly id: number;
  readonly eventId: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly partitionKey: string;
  readonly type: string;
  readonly dataschema: string;
  readonly traceparent: string | null;
  /** JSON text, exactly as it was written. */
  readonly payload: string;
  readonly createdAt: Date;
  /** Size on the wire, rounded up. */
  readonly bytes: number;
  /** How long ago it was written when it was read, by the database's clock. */
  readonly ageMs: number;
}
