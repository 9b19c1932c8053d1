/**
 * Remembers the packet ids that came last, in two generations: when the younger is full, the older is forgotten.
 * Adding and asking cost the same however many there are, and nothing has to be swept.
 */
export class SeenPackets {
  readonly #generationSize: number;
  #younger = new Set<string>();
  #older = new Set<string>();

  /** @param atLeast how many of the last ids are remembered for certain; at most twice as many are held */
  constructor(atLeast: number) {
    this.#generationSize = atLeast;
  }

  /** @returns false when the id was here before (and is still remembered), true when it is new and now remembered */
  add(id: string): boolean {
    if (this.#younger.has(id) || this.#older.has(id)) return false;
    if (this.#younger.size >= this.#generationSize) {
      this.#older = this.#younger;
      this.#younger = new Set();
    }
    this.#younger.add(id);
    return true;
  }
}
