import type { Transaction } from 'sequelize';
import type { EventSchemas } from '../../../events/envelope.ts';
import type { Logger } from '../../../kafka/client.ts';
import { errorText } from '../../../problems/error-text.ts';
import { isDatabaseUnavailable } from '../../database/errors.ts';
import { ActStopped, stoppedBy, type ActRun } from '../../dead-letters/act-run.ts';
import type { Acts } from '../../dead-letters/acts.ts';
import { NOTHING_SELECTED } from '../../dead-letters/selection.ts';
import type { Clock } from '../../time/clock.ts';
import type { SettleStore } from '../inbox-store.ts';
import { readRecord, type InboxMessage } from '../record.ts';
import { settleBatch, type Handle } from '../settle-batch.ts';
import { settleUntilDone } from '../settle-until-done.ts';
import { split } from '../split.ts';
import { acted, mayKill, placeOfLetter, toRecord, type Letter } from './letter.ts';
import type { LettersTable } from './letters-table.ts';
import { LettersChanged, LetterStore } from './letter-store.ts';

/** What fails for a reason that may pass is tried so often: a deadlock is over with the next attempt. */
const MAX_ATTEMPTS = 3;
/** Two people at the same letters: each meets the other's work a few times at most. */
const MAX_ROUNDS = 5;

/** What a consumer lends to whoever replays its letters. */
export interface ReplayParts {
  /** `service.consumer`. */
  readonly consumer: string;
  readonly store: SettleStore<Transaction>;
  readonly clock: Clock;
  readonly handle: Handle;
  readonly schemas: EventSchemas;
  readonly logger: Pick<Logger, 'error'>;
}

export interface TryContext {
  readonly parts: ReplayParts;
  readonly table: LettersTable;
  readonly acts: Acts;
  readonly run: ActRun;
}

/**
 * Tries to settle letters of one consumer, in order, each in the consumer's own way. What the act has in hand is
 * written before; what may end the process, or may have ended it, is tried alone.
 *
 * @param letters in order of id
 * @returns how many are gone
 * @throws ActStopped when the database is away
 */
export async function tryLetters(context: TryContext, letters: readonly Letter[]): Promise<number> {
  let gone = 0;
  for (const together of inCompany(letters)) gone += await tryTogether(context, together);
  return gone;
}

/** Cuts a list before and after each letter that has to be alone. */
function inCompany(letters: readonly Letter[]): Letter[][] {
  const lists: Letter[][] = [];
  let last: Letter[] | null = null;
  for (const letter of letters) {
    const isAlone = letter.suspect || mayKill(letter);
    if (last === null || isAlone) lists.push((last = []));
    last.push(letter);
    if (isAlone) last = null;
  }
  return lists;
}

async function tryTogether(context: TryContext, letters: readonly Letter[]): Promise<number> {
  const { run } = context;
  let open = letters.filter((letter) => !run.has(letter));
  for (let round = 0; open.length > 0; round++) {
    if (round === MAX_ROUNDS) throw new ActStopped('Somebody else acts on the same letters. Look at them again.');
    const ready = await setAside(context, open);
    if (ready.length === 0) break;
    await run.takeInHand(ready);
    const failure = await settle(context, ready);
    open = ready.filter((letter) => !run.has(letter));
    if (failure === null) break;
    if (failure instanceof LettersChanged) open = await reload(context, open);
    else if (open.length > 1) {
      // One of them is at fault, and the others are not to wait for it.
      for (const half of split(open)) await tryTogether(context, half);
      break;
    } else await giveUp(context, open, failure);
  }
  return letters.filter((letter) => run.wentAway(letter)).length;
}

/** Takes out what cannot be tried now, and says why. */
async function setAside({ run, table, acts }: TryContext, letters: readonly Letter[]): Promise<Letter[]> {
  const { force } = run.request;
  const ids = letters.map(({ id }) => id);
  const heldBy = force ? new Map<string, string>() : await acts.heldElsewhere(run.id, ids);
  const dangerous = letters.filter((letter) => !force && (mayKill(letter) || heldBy.has(letter.id)));
  run.add(dangerous.map((letter) => acted(letter, 'needs-force', whyForce(letter, heldBy.get(letter.id)))));
  const free = letters.filter((letter) => !dangerous.includes(letter));
  const blocked = await table.blocked(
    free.map(({ id }) => id),
    run.gone(),
    null,
  );
  run.add(
    free.flatMap((letter) => {
      const first = blocked.get(letter.id);
      return first === undefined ? [] : acted(letter, 'waits', `It waits behind letter ${first}.`);
    }),
  );
  return free.filter((letter) => !blocked.has(letter.id));
}

function whyForce({ error }: Letter, act: string | undefined): string {
  if (act !== undefined) {
    return `Act ${act} has it in hand, or ended there. Look at the acts again in a minute; force tries it all the same.`;
  }
  return `A try may end the process. With force it is tried, alone. ${error}`;
}

/**
 * One pass over letters that may be tried.
 *
 * @returns null when each has its outcome; otherwise what was in the way
 */
async function settle(context: TryContext, letters: readonly Letter[]): Promise<unknown> {
  const { parts, run } = context;
  const byPlace = new Map(letters.map((letter) => [placeOfLetter(letter), letter]));
  const messages = letters.flatMap((letter): InboxMessage[] => {
    const message = readRecord(toRecord(letter), parts.schemas);
    if (message === null) run.add([acted(letter, 'refused-again', UNKNOWN_TYPE)]);
    // Its first delivery was an attempt, too.
    return message === null ? [] : [{ ...message, triedBefore: 1 + letter.attempts }];
  });
  if (messages.length === 0) return null;
  const giveUp = new AbortController();
  let failure: unknown = null;
  await settleUntilDone(messages, new Map(), {
    signal: giveUp.signal,
    clock: parts.clock,
    settle: async (part, found, _last, attempt) => {
      const store = new LetterStore(
        {
          inner: parts.store,
          table: context.table,
          letters: byPlace,
          dryRun: run.request.dryRun,
          gone: run.gone(),
          note: (outcomes, transaction) => context.acts.note(run.id, outcomes, transaction),
        },
        part,
      );
      try {
        const settled = await settleBatch(
          { ...parts, attempt, handle: handleOf(context), store, alongside: (transaction) => store.close(transaction) },
          part,
          found,
        );
        run.add(store.outcomes);
        return settled;
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    onSettled: () => {
      failure = null;
    },
    onRetry: (_error, failures) => {
      const isHopeless = failure instanceof LettersChanged || isDatabaseUnavailable(failure);
      if (isHopeless || failures >= MAX_ATTEMPTS) giveUp.abort();
    },
  });
  const stopped = stoppedBy(failure);
  if (stopped instanceof ActStopped) throw stopped;
  return failure;
}

const UNKNOWN_TYPE =
  'Its type is none that this consumer handles: read from the topic today, it would be skipped. Discard it.';

/** A dry run commits nothing, so nobody is told of a commit. */
function handleOf({ parts, run }: TryContext): Handle {
  if (!run.request.dryRun) return parts.handle;
  return (events, { transaction }) => parts.handle(events, { transaction, afterCommit: () => undefined });
}

/** What others took away meanwhile is left out. */
async function reload({ table }: TryContext, letters: readonly Letter[]): Promise<Letter[]> {
  const ids = letters.map(({ id }) => id);
  return table.load({ ...NOTHING_SELECTED, ids }, '0', ids.length);
}

/** It failed alone, for a reason that is no verdict on it: it stays as it is, and says what happened. */
async function giveUp({ run, table }: TryContext, letters: readonly Letter[], failure: unknown): Promise<void> {
  const error = errorText(failure);
  run.add(letters.map((letter) => acted(letter, 'failed', error)));
  if (run.request.dryRun) return;
  await table.keep(
    letters.map(({ id, reason }) => ({ id, reason, error: `A replay failed: ${error}` })),
    null,
  );
}
