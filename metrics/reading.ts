import { setTimeout as sleep } from 'node:timers/promises';

/** Scrapes that come sooner are shown the same. */
const FRESH_MS = 5000;
/** What is dear to read is read more seldom: it may take a twentieth of the time. */
const SHARE = 20;
/** A scrape waits this long for an answer; Prometheus itself gives up after seconds. */
const PATIENCE_MS = 500;

/**
 * Something that a database is asked for when Prometheus scrapes: one question at a time, its answer kept for some
 * seconds. A scrape never waits long, and never fails: what is not known now is shown by no sample.
 */
export class Reading<T> {
  readonly #read: () => Promise<T>;
  #latest: { readonly value: T; readonly until: number } | null = null;
  #underWay: Promise<T | null> | null = null;

  /** @param read rejects when it cannot be read */
  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** @returns null when it is not known now */
  async get(): Promise<T | null> {
    if (this.#latest !== null && performance.now() < this.#latest.until) return this.#latest.value;
    this.#underWay ??= this.#ask().finally(() => {
      this.#underWay = null;
    });
    return Promise.race([this.#underWay, sleep(PATIENCE_MS, null, { ref: false })]);
  }

  async #ask(): Promise<T | null> {
    const began = performance.now();
    try {
      const value = await this.#read();
      const now = performance.now();
      this.#latest = { value, until: now + Math.max(FRESH_MS, (now - began) * SHARE) };
      return value;
    } catch {
      // Readiness and the log say what is wrong with the database.
      this.#latest = null;
      return null;
    }
  }
}
