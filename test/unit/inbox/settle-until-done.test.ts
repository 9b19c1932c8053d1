import { DatabaseError } from 'sequelize';
import { EventRefused } from '../../../mixins/inbox/poison.ts';
import { systemClock } from '../../../mixins/time/clock.ts';
import type { InboxMessage, Poison } from '../../../mixins/inbox/record.ts';
import { settleUntilDone } from '../../../mixins/inbox/settle-until-done.ts';
import { message } from './message.ts';

const databaseError = (code: string): Error =>
  new DatabaseError(Object.assign(new Error('refused by PostgreSQL'), { code, sql: '' }));

/** Plays a database that knows poison: says what was committed together, what was parked, what was retried. */
async function run(
  batch: InboxMessage[],
  attempt: (part: readonly InboxMessage[], found: ReadonlyMap<string, Poison>) => Error | null,
  signal = new AbortController().signal,
) {
  const committed: string[] = [];
  const retried: string[] = [];
  const parked: string[] = [];
  const done = await settleUntilDone(batch, new Map(), {
    signal,
    clock: systemClock,
    settle: (part, found) => {
      const error = attempt(part, found);
      if (error !== null) return Promise.reject(error);
      parked.push(
        ...part.flatMap(({ place }) => (found.has(place) ? `${place} ${found.get(place)?.reason ?? ''}` : [])),
      );
      return Promise.resolve({ handled: part.length, duplicates: 0, parked: 0, lockMs: 1, tookMs: 1 });
    },
    onSettled: (part) => committed.push(part.map(({ record }) => record.offset).join(' ')),
    onRetry: (error) => retried.push(error),
  });
  return { done, committed, retried, parked };
}

const batchOf = (size: number): InboxMessage[] => Array.from({ length: size }, (_, offset) => message(0, offset));

test('a batch without trouble is one transaction', async () => {
  expect(await run(batchOf(3), () => null)).toEqual({ done: true, committed: ['0 1 2'], retried: [], parked: [] });
});

test('a data error splits the batch, in order, until the poison stands alone', async () => {
  const outcome = await run(batchOf(8), (part, found) =>
    part.some(({ record, place }) => record.offset === 5n && !found.has(place)) ? databaseError('22003') : null,
  );
  expect(outcome).toEqual({
    done: true,
    committed: ['0 1 2 3', '4', '5', '6 7'],
    retried: [],
    parked: ['parcels/0/5 data-error'],
  });
});

test('an event that the handler refuses is parked without a split', async () => {
  const batch = batchOf(4);
  const bad = batch[2]?.eventId ?? '';
  const outcome = await run(batch, (part, found) =>
    part.some(({ eventId, place }) => eventId === bad && !found.has(place)) ? new EventRefused(bad, 'never') : null,
  );
  expect(outcome).toMatchObject({ committed: ['0 1 2 3'], parked: ['parcels/0/2 refused'], retried: [] });
});

test.each(['40P01', '40001', '53100', '53300', '57P01', '23505', '08006', '55P03', '25P03'])(
  'SQLSTATE %s is tried again, whole, and nothing is parked',
  async (code) => {
    let failures = 2;
    const outcome = await run(batchOf(3), () => (failures-- > 0 ? databaseError(code) : null));
    expect(outcome).toMatchObject({ done: true, committed: ['0 1 2'], parked: [] });
    expect(outcome.retried).toHaveLength(2);
  },
);

test('a refusal of an event that was not in the batch is a bug of the handler: tried again, nothing parked', async () => {
  let failures = 1;
  const outcome = await run(batchOf(2), () => (failures-- > 0 ? new EventRefused('another', 'never') : null));
  expect(outcome).toMatchObject({ committed: ['0 1'], parked: [] });
  expect(outcome.retried).toEqual(['refused unknown event another: never']);
});

test('the signal ends the attempts, and what is not committed is not reported', async () => {
  const abort = new AbortController();
  const outcome = await run(
    batchOf(2),
    () => {
      abort.abort();
      return new Error('the network is away');
    },
    abort.signal,
  );
  expect(outcome).toMatchObject({ done: false, committed: [] });
});
