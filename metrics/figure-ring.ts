/** The last so many rows of figures; a figure that comes up later has no value in the rows before. */
export class FigureRing {
  readonly #capacity: number;
  readonly #names: string[] = [];
  readonly #columnOf = new Map<string, number>();
  /** Each begins with its moment. */
  readonly #rows: (number | null)[][] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  /** @param at seconds since the epoch; a moment that is not newer than the last is left out */
  add(at: number, figures: ReadonlyMap<string, number>): void {
    if (at <= (this.#rows.at(-1)?.[0] ?? -Infinity)) return;
    for (const name of figures.keys()) {
      if (this.#columnOf.has(name)) continue;
      this.#columnOf.set(name, this.#names.length);
      this.#names.push(name);
    }
    this.#rows.push([at, ...this.#names.map((name) => figures.get(name) ?? null)]);
    if (this.#rows.length > this.#capacity) this.#rows.shift();
  }

  /** @returns rows after a moment, oldest first */
  since(at: number): readonly (readonly (number | null)[])[] {
    const first = this.#rows.findIndex(([moment]) => (moment ?? 0) > at);
    return first === -1 ? [] : this.#rows.slice(first);
  }
}
