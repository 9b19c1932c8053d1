/** Consoles ask each second, and of each node: a connection to Kafka for each question is too much. */
const FRESH_MS = 2000;

/** How far a group is behind, asked at most every other second, however many want to know. */
export class RecentLags {
  readonly #ask: () => Promise<Map<number, bigint>>;
  readonly #now: () => number;
  #askedAt = -Infinity;
  #answer: Promise<Map<number, bigint>> = Promise.resolve(new Map<number, bigint>());

  /** @param now milliseconds, monotonic */
  constructor(ask: () => Promise<Map<number, bigint>>, now: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  /** @returns by partition; none when Kafka does not answer */
  read(): Promise<Map<number, bigint>> {
    if (this.#now() - this.#askedAt >= FRESH_MS) {
      this.#askedAt = this.#now();
      this.#answer = this.#ask().catch(() => new Map<number, bigint>());
    }
    return this.#answer;
  }
}
