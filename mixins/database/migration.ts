/** A step of a schema: forward only, because data that was written by a new step has no way back. */
export interface Migration {
  /** Unique and stable for ever; its prefix gives a reader the order (`0001-orders`). */
  readonly name: string;
  /** SQL; may hold several statements. Runs inside the transaction that all pending steps share. */
  readonly up: string;
}
