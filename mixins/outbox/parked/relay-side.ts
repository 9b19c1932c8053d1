import type { Sequelize } from 'sequelize';
import type { ActedLetter, ActReport, ListedLetter, Outcome } from '../../../contract/dead-letters.ts';
import { ActRun, stoppedBy } from '../../dead-letters/act-run.ts';
import { Acts } from '../../dead-letters/acts.ts';
import { readable } from '../../dead-letters/readable.ts';
import type { DeadLetterSide } from '../../dead-letters/sides.ts';
import { ParkedTable, type ParkedHead } from './parked-table.ts';

/** Events of one transaction: the relay that meets their keys waits for it. */
const BATCH = 200;

/** Ends a transaction whose work was only to be tried. */
class RollBack extends Error {}

export interface RelaySideOptions {
  readonly sequelize: Sequelize;
  readonly node: string;
  /** Wakes the relay. */
  readonly notify: () => void;
}

interface Context {
  readonly sequelize: Sequelize;
  readonly table: ParkedTable;
  readonly acts: Acts;
  readonly run: ActRun;
}

/** The events that a service's relay has set aside, since Kafka refused them or an earlier one of their key. */
export function relaySide({ sequelize, node, notify }: RelaySideOptions): DeadLetterSide {
  const table = new ParkedTable(sequelize);
  const acts = new Acts(sequelize, 'relay', node);

  return {
    side: 'relay',

    count: async () => [{ consumer: null, ...(await table.count()) }],

    async list(selection, after, limit) {
      return {
        total: await table.total(selection),
        letters: (await table.page(selection, after, limit)).map(listed),
      };
    },

    async show(id) {
      const event = await table.show(id);
      if (event === null) return null;
      return {
        ...listed(event),
        advice: event.reason === 'behind' ? ADVICE_BEHIND : ADVICE_REFUSED,
        createdAt: event.createdAt,
        key: readable(Buffer.from(event.partitionKey)),
        headers: event.headers,
        value: readable(Buffer.from(event.payload)),
      };
    },

    async act(request): Promise<ActReport> {
      await sequelize.transaction(async (transaction) => {
        const interrupted = await acts.interrupted(transaction);
        await acts.closeInterrupted(
          interrupted.map(({ id }) => id),
          transaction,
        );
      });
      const report = await ActRun.of(acts, request, (run) => goThrough({ sequelize, table, acts, run }));
      if (!request.dryRun) notify();
      return report;
    },
  };
}

const ADVICE_REFUSED =
  'Kafka refused it for good. Remove the cause (the topic’s limit, its rights), then replay it: it goes back into the outbox under its id, and out before later ones of its key.';
const ADVICE_BEHIND =
  'Nothing is wrong with it. It goes on by itself when what stands before it is replayed or discarded.';

/** In order of id; after each batch what was parked behind those that are gone. @returns whether there is more to do */
async function goThrough(context: Context): Promise<boolean> {
  const { run, table } = context;
  while (run.left > 0) {
    const found = await table.page(run.request.selection, run.after, Math.min(BATCH, run.left));
    const last = found.at(-1);
    if (last === undefined) return run.request.dryRun ? false : letFollow(context, null);
    const events = found.filter((event) => !run.has(event));
    await move(context, events, run.request.kind === 'replay' ? 'put-back' : 'discarded');
    run.after = last.id;
    const gone = events.filter((event) => run.wentAway(event));
    if (gone.length > 0 && (await letFollow(context, gone.map(keyOf)))) return true;
  }
  return true;
}

/** Until none is left: while one of a key is parked, the relay parks what comes behind it. */
async function letFollow(context: Context, keys: readonly string[] | null): Promise<boolean> {
  const { run, table } = context;
  while (run.left > 0) {
    const events = await table.followers(keys, { gone: run.gone(), seen: run.seen() }, Math.min(BATCH, run.left));
    if (events.length === 0) return false;
    await move(context, events, 'put-back');
  }
  return true;
}

/** One transaction: takes events off the list, as far as nothing of their key stands before them. */
async function move(
  { sequelize, table, acts, run }: Context,
  events: readonly ParkedHead[],
  outcome: Extract<Outcome, 'put-back' | 'discarded'>,
): Promise<void> {
  const ids = events.map(({ id }) => id);
  let outcomes: ActedLetter[] = [];
  try {
    await sequelize.transaction(async (transaction) => {
      const { there, blocked } = await table.lock(ids, run.gone(), transaction);
      outcomes = events
        .filter(({ id }) => there.has(id))
        .map((event) => {
          const first = outcome === 'discarded' ? undefined : blocked.get(event.id);
          return first === undefined
            ? acted(event, outcome)
            : acted(event, 'waits', `It waits behind ${first}, an earlier one of its key.`);
        });
      const leaving = outcomes.filter((each) => each.outcome === outcome).map(({ id }) => id);
      await (outcome === 'discarded' ? table.remove(leaving, transaction) : table.putBack(leaving, transaction));
      await acts.note(run.id, outcomes, transaction);
      if (run.request.dryRun) throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw stoppedBy(error);
  }
  run.add(outcomes);
}

function acted(event: ParkedHead, outcome: Outcome, detail: string | null = null): ActedLetter {
  const { id, eventId, type } = event;
  return { id, consumer: null, place: placeOf(event), eventId, type, aggregate: aggregateOf(event), outcome, detail };
}

function listed(event: ParkedHead): ListedLetter<Date> & { readonly key: string } {
  const { id, reason, error, eventId, type, parkedAt, behind, partitionKey } = event;
  const aggregate = aggregateOf(event);
  const place = placeOf(event);
  return {
    id,
    consumer: null,
    reason,
    error,
    eventId,
    type,
    aggregate,
    place,
    parkedAt,
    attempts: 0,
    behind,
    key: partitionKey,
  };
}

function placeOf({ lane, id }: ParkedHead): string {
  return `outbox/${lane}/${id}`;
}

function aggregateOf({ aggregateType, aggregateId }: ParkedHead): string {
  return `${aggregateType}/${aggregateId}`;
}

function keyOf({ partitionKey }: ParkedHead): string {
  return partitionKey;
}
