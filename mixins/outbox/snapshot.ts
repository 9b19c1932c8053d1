/** Which transactions a read saw, by their numbers. These rise in the order in which transactions begin to write. */
export interface Snapshot {
  /** Every transaction below has ended. */
  readonly oldestRunning: number;
  /** No transaction from here on had begun to write. */
  readonly next: number;
}
