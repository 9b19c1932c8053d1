import type { Sequelize, Transaction } from 'sequelize';
import type { SettleStore } from '../inbox-store.ts';
import { stoppedBy } from '../../dead-letters/act-run.ts';
import type { ActedLetter } from '../../../contract/dead-letters.ts';
import { placeId, unreadMessage, type Aggregate, type InboxMessage } from '../record.ts';
import { acted, toRecord, type Letter } from './letter.ts';
import type { LettersContext } from './replay-letters.ts';

/** Ends a transaction whose work was only to be tried. */
class RollBack extends Error {}

/**
 * Discards letters: what the consumer would have done about them is never done. They leave inbox rows behind, under the
 * event's id and under the record's place, so that reading the topic again brings none of them back.
 *
 * @param storeOf the inbox of a consumer, also of one that is no more
 */
export async function discardBatch(
  { run, table, acts, sequelize, storeOf }: LettersContext & DiscardParts,
  letters: readonly Letter[],
): Promise<void> {
  let discarded: ActedLetter[] = [];
  try {
    await sequelize.transaction(async (transaction) => {
      const byConsumer = [...Map.groupBy(letters, ({ consumer }) => consumer)].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [consumer, own] of byConsumer) {
        await storeOf(consumer).lockAggregates(own.flatMap(aggregateNamed), transaction);
      }
      const there = await table.lock(idsOf(letters), transaction);
      const locked = letters.filter(({ id }) => there.has(id));
      const twins = await table.twins(idsOf(locked), transaction);
      for (const [consumer, own] of byConsumer) {
        const rows = rowsOf(
          own.filter((letter) => locked.includes(letter)),
          twins,
        );
        if (rows.length > 0) await storeOf(consumer).insertInboxRows(rows, transaction);
      }
      await table.remove(idsOf(locked), transaction);
      discarded = locked.map((letter) => acted(letter, 'discarded'));
      await acts.note(run.id, discarded, transaction);
      if (run.request.dryRun) throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw stoppedBy(error);
  }
  run.add(discarded);
}

interface DiscardParts {
  readonly sequelize: Sequelize;
  readonly storeOf: (consumer: string) => SettleStore<Transaction>;
}

function idsOf(letters: readonly Letter[]): string[] {
  return letters.map(({ id }) => id);
}

function aggregateNamed({ aggregateType: type, aggregateId: id }: Letter): Aggregate[] {
  return type === null || id === null ? [] : [{ type, id }];
}

/**
 * What discarded letters leave in the inbox: under each one's place, and under its event's id.
 *
 * @param twins letters whose event lies here once more: that one decides what becomes of the event
 */
function rowsOf(letters: readonly Letter[], twins: ReadonlySet<string>): InboxMessage[] {
  const rows = new Map<string, InboxMessage>();
  for (const letter of letters) {
    // By the headers alone: reading the content may be what kills.
    const message = unreadMessage(toRecord(letter));
    const place = placeId(message.record);
    rows.set(place, { ...message, eventId: place });
    if (message.eventId === null || twins.has(letter.id) || rows.has(message.eventId)) continue;
    rows.set(message.eventId, message);
  }
  return [...rows.values()];
}
