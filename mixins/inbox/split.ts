/**
 * Cuts a failed batch in two, in order. Applied again to the half that fails, the poison stands alone after
 * log2(n) steps, and everything before it has been settled.
 *
 * @param batch at least two messages
 */
export function split<T>(batch: readonly T[]): [T[], T[]] {
  const middle = batch.length >> 1;
  return [batch.slice(0, middle), batch.slice(middle)];
}
