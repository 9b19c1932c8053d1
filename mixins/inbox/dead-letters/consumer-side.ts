import type { Sequelize, Transaction } from 'sequelize';
import type { ActReport } from '../../../contract/dead-letters.ts';
import type { ActRequest } from '../../dead-letters/act.ts';
import { ActRun } from '../../dead-letters/act-run.ts';
import { Acts } from '../../dead-letters/acts.ts';
import type { DeadLetterSide } from '../../dead-letters/sides.ts';
import { NOTHING_SELECTED } from '../../dead-letters/selection.ts';
import { PostgresInboxStore } from '../postgres-inbox-store.ts';
import type { SettleStore } from '../inbox-store.ts';
import { closeInterrupted } from './close-interrupted.ts';
import { discardBatch } from './discard-letters.ts';
import { aggregateOf, placeOfLetter, type LetterHead } from './letter.ts';
import { LettersTable } from './letters-table.ts';
import { goThrough, letFollow, replayBatch } from './replay-letters.ts';
import { describeLetter } from './describe-letter.ts';
import type { ReplayParts } from './try-letters.ts';

export interface ConsumerSideOptions {
  readonly sequelize: Sequelize;
  readonly node: string;
  /** The consumers of the service. */
  readonly consumers: readonly ReplayParts[];
}

/** The dead letters of a service's consumers. */
export function consumerSide({ sequelize, node, consumers }: ConsumerSideOptions): DeadLetterSide {
  const table = new LettersTable(sequelize);
  const acts = new Acts(sequelize, 'consumer', node);
  const byName = new Map(consumers.map((parts) => [parts.consumer, parts]));
  const storeOf = (consumer: string): SettleStore<Transaction> =>
    byName.get(consumer)?.store ?? new PostgresInboxStore({ sequelize, consumer, node });

  return {
    side: 'consumer',

    count: () => table.countByConsumer(),

    async list(selection, after, limit) {
      const { total, letters } = await table.page(selection, after, limit);
      return { total, letters: letters.map(listed) };
    },

    async show(id) {
      const [letter] = await table.load({ ...NOTHING_SELECTED, ids: [id] }, '0', 1);
      return letter === undefined ? null : { ...listed(letter), ...describeLetter(letter) };
    },

    async act(request: ActRequest): Promise<ActReport> {
      await closeInterrupted(sequelize, acts, table);
      return ActRun.of(acts, request, async (run) => {
        const context = { run, table, acts, sequelize, storeOf, consumers: byName };
        const more = await goThrough(context, (letters) =>
          request.kind === 'replay' ? replayBatch(context, letters) : discardBatch(context, letters),
        );
        return more || (await finishOthers(context));
      });
    },
  };
}

/** What an act that was cut short has left behind, with nothing before it. */
async function finishOthers(context: Parameters<typeof letFollow>[0]): Promise<boolean> {
  if (context.run.request.dryRun) return false;
  for (const consumer of context.consumers.keys()) {
    if (await letFollow(context, consumer, null)) return true;
  }
  return false;
}

function listed(letter: LetterHead): Awaited<ReturnType<DeadLetterSide['list']>>['letters'][number] {
  const { id, consumer, reason, error, eventId, type, parkedAt, attempts, behind } = letter;
  return {
    id,
    consumer,
    reason,
    error,
    eventId,
    type,
    aggregate: aggregateOf(letter),
    place: placeOfLetter(letter),
    parkedAt,
    attempts,
    behind,
  };
}
