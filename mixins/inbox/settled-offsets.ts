/** What to commit to the group: for each partition of one assignment the offset after the last settled record. Pure. */
export class SettledOffsets {
  readonly #settled = new Map<number, bigint>();
  readonly #committed = new Map<number, bigint>();

  /** @param offset of a record that is settled, and with it everything before it in its partition */
  note(partition: number, offset: bigint): void {
    this.#settled.set(partition, offset + 1n);
  }

  /** @returns the positions that moved since they were committed last */
  pending(): { partition: number; offset: string }[] {
    return [...this.#settled].flatMap(([partition, next]) =>
      this.#committed.get(partition) === next ? [] : { partition, offset: next.toString() },
    );
  }

  committed(positions: readonly { partition: number; offset: string }[]): void {
    for (const { partition, offset } of positions) this.#committed.set(partition, BigInt(offset));
  }
}
