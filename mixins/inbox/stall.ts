/**
 * Since when records wait of which none is fetched, by looks at a consumer that are seconds apart. What was settled may not be
 * committed to the group yet, so one look alone proves nothing. Pure.
 */
export class Stall {
  #since: { readonly at: number; readonly progress: number } | null = null;
  #isProven = false;

  /**
   * @param now monotonic milliseconds
   * @param progress a count of whatever is settled
   * @param lag records behind what the group has committed
   */
  look(now: number, progress: number, lag: number): void {
    const goesOn = lag > 0 && this.#since?.progress === progress;
    this.#isProven = goesOn;
    if (!goesOn) this.#since = lag > 0 ? { at: now, progress } : null;
  }

  /** @returns how long it has lasted, in milliseconds; 0 when there is none */
  lastsMs(now: number, progress: number): number {
    return this.#isProven && this.#since?.progress === progress ? now - this.#since.at : 0;
  }
}
