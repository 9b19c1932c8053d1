/** What was there before the inputs come, so that they can name it. The inputs neither open nor empty it. */
export interface World {
  /** Users with an account; their balances move. */
  readonly holders: readonly string[];
  /** Users whose balance is the largest there is. */
  readonly full: readonly string[];
  /** Users of whom nobody has heard, and who get no account. */
  readonly strangers: readonly string[];
  /** Orders that are final. */
  readonly orderIds: readonly string[];
}
