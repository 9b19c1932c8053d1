import type { ActedLetter, ActEnd, ActReport, Outcome } from '../../contract/dead-letters.ts';
import type { ActRequest } from './act.ts';
import type { Acts } from './acts.ts';
import { isConflict, isDatabaseUnavailable } from '../database/errors.ts';
import { errorText } from '../../problems/error-text.ts';

/** An answer goes over the bus and to a screen; all letters of an act are in its table. */
const MAX_LETTERS_REPORTED = 200;

/** Ends an act early, for a reason that has nothing to do with the letters. */
export class ActStopped extends Error {}

/** One act under way: what it has done so far, and how much more it may do. */
export class ActRun {
  readonly id: string;
  readonly request: ActRequest;
  readonly #acts: Acts;
  readonly #letters = new Map<string, ActedLetter>();
  /** Selected letters up to here are dealt with. */
  after: string;

  private constructor(id: string, request: ActRequest, acts: Acts) {
    this.id = id;
    this.request = request;
    this.#acts = acts;
    this.after = request.after;
  }

  /**
   * Records that the act begins, does it, and records how it ended.
   *
   * @param work returns whether there is more to do than this call may
   */
  static async of(acts: Acts, request: ActRequest, work: (run: ActRun) => Promise<boolean>): Promise<ActReport> {
    const run = new ActRun(await acts.begin(request), request, acts);
    try {
      const more = await work(run);
      await run.#end('done', null);
      return run.#report(more, null);
    } catch (error) {
      const isStopped = error instanceof ActStopped;
      // When the database is away, so is the record: the act is found without an end then.
      await run.#end(isStopped ? 'stopped' : 'failed', errorText(error)).catch(() => undefined);
      if (!isStopped) throw error;
      return run.#report(true, errorText(error));
    }
  }

  /** How many more letters it may deal with now. */
  get left(): number {
    return performance.now() >= this.request.until ? 0 : Math.max(0, this.request.limit - this.#letters.size);
  }

  /** True when the act has dealt with this letter, whatever came of it. */
  has(letter: { readonly id: string }): boolean {
    return this.#letters.has(letter.id);
  }

  /** True when the act has taken this letter off the list, or would have. */
  wentAway(letter: { readonly id: string }): boolean {
    const outcome = this.#letters.get(letter.id);
    return outcome !== undefined && isGone(outcome);
  }

  add(outcomes: readonly ActedLetter[]): void {
    for (const outcome of outcomes) this.#letters.set(outcome.id, outcome);
  }

  /** Letters that it has dealt with. */
  seen(): string[] {
    return [...this.#letters.keys()];
  }

  /** In a dry run: letters that would be gone by now. */
  gone(): string[] {
    if (!this.request.dryRun) return [];
    return [...this.#letters.values()].filter(isGone).map(({ id }) => id);
  }

  takeInHand(letters: readonly { readonly id: string }[]): Promise<void> {
    return this.#acts.takeInHand(
      this.id,
      letters.map(({ id }) => id),
    );
  }

  async #end(outcome: ActEnd, error: string | null): Promise<void> {
    await this.#acts.end(this.id, { outcome, error, counts: this.#counts() });
  }

  #counts(): Partial<Record<Outcome, number>> {
    const counts: Partial<Record<Outcome, number>> = {};
    for (const { outcome } of this.#letters.values()) counts[outcome] = (counts[outcome] ?? 0) + 1;
    return counts;
  }

  #report(more: boolean, error: string | null): ActReport {
    const { kind, dryRun } = this.request;
    return {
      act: this.id,
      what: kind,
      dryRun,
      counts: this.#counts(),
      letters: [...this.#letters.values()].slice(0, MAX_LETTERS_REPORTED),
      more,
      after: this.after,
      note: error ?? (dryRun ? 'A dry run: nothing was changed. Again with dryRun false to do it.' : null),
    };
  }
}

/** True when the letter is no dead letter any more. */
function isGone({ outcome }: ActedLetter): boolean {
  return outcome === 'settled' || outcome === 'settled-before' || outcome === 'put-back' || outcome === 'discarded';
}

/** @returns the error as the end of an act, when it says nothing about the letters: the database is away, or others are in the way */
export function stoppedBy(error: unknown): unknown {
  return isDatabaseUnavailable(error) || isConflict(error)
    ? new ActStopped(`The database was in the way; the last step changed nothing: ${errorText(error)}`)
    : error;
}
