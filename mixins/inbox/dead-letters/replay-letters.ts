import type { Aggregate } from '../record.ts';
import type { ActRun } from '../../dead-letters/act-run.ts';
import type { Acts } from '../../dead-letters/acts.ts';
import { acted, type Letter } from './letter.ts';
import type { LettersTable } from './letters-table.ts';
import { tryLetters, type ReplayParts } from './try-letters.ts';

/** Letters of one transaction: new events of their aggregates wait for it, and so does the consumer that holds those. */
const BATCH = 50;

export interface LettersContext {
  readonly table: LettersTable;
  readonly acts: Acts;
  readonly run: ActRun;
  /** The consumers of this service, by full name. */
  readonly consumers: ReadonlyMap<string, ReplayParts>;
}

/**
 * Goes through the selected letters in order of id, in batches; after each one, what followed those that are gone.
 *
 * @param actOn deals with a batch; afterwards the run knows each letter of it
 * @returns whether there is more to do than this call may
 */
export async function goThrough(
  context: LettersContext,
  actOn: (letters: readonly Letter[]) => Promise<void>,
): Promise<boolean> {
  const { run, table } = context;
  while (run.left > 0) {
    const letters = await table.load(run.request.selection, run.after, Math.min(BATCH, run.left));
    const last = letters.at(-1);
    if (last === undefined) return false;
    const open = letters.filter((letter) => !run.has(letter));
    await actOn(open);
    run.after = last.id;
    const gone = open.filter((letter) => run.wentAway(letter));
    for (const [consumer, of] of aggregatesOf(gone)) {
      if (await letFollow(context, consumer, of)) return true;
    }
  }
  return true;
}

const NO_CONSUMER = 'This service has no consumer of that name any more: discard it, or bring the consumer back.';

/** Replays a batch of the selection: its letters may be of several consumers. */
export async function replayBatch(context: LettersContext, letters: readonly Letter[]): Promise<void> {
  for (const [name, own] of Map.groupBy(letters, ({ consumer }) => consumer)) {
    const parts = context.consumers.get(name);
    if (parts === undefined) context.run.add(own.map((letter) => acted(letter, 'failed', NO_CONSUMER)));
    else await tryLetters({ ...context, parts }, own);
  }
}

/**
 * Lets go on what has nothing before it any more, in order.
 *
 * @param of these aggregates; null: whatever an act that was cut short has left behind
 * @returns whether there is more to do than this call may
 */
export async function letFollow(
  context: LettersContext,
  consumer: string,
  of: readonly Aggregate[] | null,
): Promise<boolean> {
  const { run, table } = context;
  const parts = context.consumers.get(consumer);
  if (parts === undefined) return false;
  while (run.left > 0) {
    const known = { gone: run.gone(), seen: run.seen() };
    const letters = await table.followers(consumer, of, known, Math.min(BATCH, run.left));
    if (letters.length === 0) return false;
    await tryLetters({ ...context, parts }, letters);
  }
  return true;
}

function aggregatesOf(letters: readonly Letter[]): Map<string, Aggregate[]> {
  const aggregates = new Map<string, Aggregate[]>();
  for (const { consumer, aggregateType: type, aggregateId: id } of letters) {
    if (type === null || id === null) continue;
    aggregates.set(consumer, [...(aggregates.get(consumer) ?? []), { type, id }]);
  }
  return aggregates;
}
