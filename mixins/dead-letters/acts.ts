import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { ActedLetter, ActEnd, ListedAct, OutcomeCounts, Side } from '../../contract/dead-letters.ts';
import type { ActRequest } from './act.ts';

/**
 * An act that has had letters in hand for longer without a word is no longer under way: a try is one transaction, and
 * PostgreSQL ends that after 15 s.
 */
export const ABANDONED_AFTER_S = 60;

/** An act whose process is gone, and what it had in hand. */
export interface InterruptedAct {
  readonly id: string;
  readonly inHand: readonly string[];
}

/** The record of acts, in the database whose letters they were on. */
export class Acts {
  readonly #sequelize: Sequelize;
  readonly #side: Side;
  readonly #node: string;

  constructor(sequelize: Sequelize, side: Side, node: string) {
    this.#sequelize = sequelize;
    this.#side = side;
    this.#node = node;
  }

  /** Written before anything is done. @returns the act's id */
  async begin(request: ActRequest): Promise<string> {
    const [row] = await this.#sequelize.query<{ id: string }>(
      `INSERT INTO dead_letter_acts (side, what, dry_run, by_whom, why, selection, node)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
      {
        bind: [
          this.#side,
          request.kind,
          request.dryRun,
          request.by,
          request.why,
          JSON.stringify({ ...request.selection, force: request.force, after: request.after }),
          this.#node,
        ],
        type: QueryTypes.SELECT,
      },
    );
    if (row === undefined) throw new Error('An insert returns its row.');
    return row.id;
  }

  /** Committed before the try: what is found in hand after a death is what the process may have died of. */
  async takeInHand(act: string, letters: readonly string[]): Promise<void> {
    await this.#sequelize.query(
      'UPDATE dead_letter_acts SET in_hand = $2::bigint[], in_hand_at = clock_timestamp() WHERE id = $1',
      { bind: [act, letters] },
    );
  }

  /** What became of letters, in the transaction that did it. A letter that comes again in the act has its last outcome. */
  async note(act: string, letters: readonly ActedLetter[], transaction: Transaction): Promise<void> {
    const column = <T>(read: (letter: ActedLetter) => T): T[] => letters.map(read);
    await this.#sequelize.query(
      `INSERT INTO dead_letter_act_letters (act_id, letter_id, consumer, place, event_id, type, aggregate, outcome, detail)
       SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[])
       ON CONFLICT (act_id, letter_id) DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail, at = excluded.at`,
      {
        bind: [
          act,
          column(({ id }) => id),
          column(({ consumer }) => consumer),
          column(({ place }) => place),
          column(({ eventId }) => eventId),
          column(({ type }) => type),
          column(({ aggregate }) => aggregate),
          column(({ outcome }) => outcome),
          column(({ detail }) => detail),
        ],
        transaction,
      },
    );
  }

  async end(
    act: string,
    { outcome, error, counts }: { outcome: ActEnd; error: string | null; counts: OutcomeCounts },
  ): Promise<void> {
    await this.#sequelize.query(
      `UPDATE dead_letter_acts SET in_hand = '{}', ended_at = clock_timestamp(), outcome = $2, error = $3, counts = $4 WHERE id = $1`,
      { bind: [act, outcome, error, JSON.stringify(counts)] },
    );
  }

  /** @returns acts of this side that nobody is at any more; they stay open until `closeInterrupted` */
  async interrupted(transaction: Transaction): Promise<InterruptedAct[]> {
    return this.#sequelize.query<InterruptedAct>(
      `SELECT id, in_hand::text[] AS "inHand" FROM dead_letter_acts
        WHERE side = $1 AND ended_at IS NULL
          AND coalesce(in_hand_at, began_at) < clock_timestamp() - make_interval(secs => $2) FOR UPDATE SKIP LOCKED`,
      { bind: [this.#side, ABANDONED_AFTER_S], transaction, type: QueryTypes.SELECT },
    );
  }

  async closeInterrupted(acts: readonly string[], transaction: Transaction): Promise<void> {
    await this.#sequelize.query(
      `UPDATE dead_letter_acts SET ended_at = clock_timestamp(), outcome = 'interrupted',
         error = 'The node ended in the middle of it.' WHERE id = ANY ($1::bigint[])`,
      { bind: [acts], transaction },
    );
  }

  /** @returns for letters that another open act has in hand, that act's id */
  async heldElsewhere(act: string, letters: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.#sequelize.query<{ letter: string; act: string }>(
      `SELECT letter::text, id::text AS act FROM dead_letter_acts, unnest(in_hand) AS letter
        WHERE side = $1 AND ended_at IS NULL AND id <> $2 AND letter = ANY ($3::bigint[])`,
      { bind: [this.#side, act, letters], type: QueryTypes.SELECT },
    );
    return new Map(rows.map((row) => [row.letter, row.act]));
  }
}

/** @returns acts on both sides, the newest first */
export async function listActs(sequelize: Sequelize, before: string | null, limit: number): Promise<ListedAct<Date>[]> {
  return sequelize.query<ListedAct<Date>>(
    `SELECT id, side, what, dry_run AS "dryRun", by_whom AS by, why, selection, node, began_at AS "beganAt",
            ended_at AS "endedAt", outcome, error, counts, in_hand::text[] AS "inHand"
       FROM dead_letter_acts WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
    { bind: [before, limit], type: QueryTypes.SELECT },
  );
}
