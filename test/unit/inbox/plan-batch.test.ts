import { uuidv7 } from 'uuidv7';
import { planBatch, type Known } from '../../../mixins/inbox/plan-batch.ts';
import type { InboxMessage } from '../../../mixins/inbox/record.ts';
import { message } from './message.ts';

const NOTHING: Known = { parkedAggregates: new Set(), settledHashes: new Map(), findings: new Map() };
const poisoned = (good: InboxMessage): InboxMessage => ({
  ...good,
  event: null,
  poison: { reason: 'schema-invalid', error: 'wrong' },
});

function plan(messages: InboxMessage[], known: Partial<Known> = {}) {
  const { candidates, parked, duplicates } = planBatch(messages, { ...NOTHING, ...known });
  return {
    candidates: candidates.map(({ place }) => place),
    parked: parked.map(({ message: { place }, poison: { reason } }) => `${place} ${reason}`),
    duplicates,
  };
}

test('events of a batch are candidates in order of arrival', () => {
  expect(plan([message(0, 1, 'a'), message(1, 0, 'b'), message(0, 2, 'a')])).toEqual({
    candidates: ['parcels/0/1', 'parcels/1/0', 'parcels/0/2'],
    parked: [],
    duplicates: 0,
  });
});

test('what follows poison of its aggregate follows it; what came before and other aggregates do not', () => {
  expect(plan([message(0, 0, 'a'), poisoned(message(0, 1, 'a')), message(0, 2, 'b'), message(0, 3, 'a')])).toEqual({
    candidates: ['parcels/0/0', 'parcels/0/2'],
    parked: ['parcels/0/1 schema-invalid', 'parcels/0/3 follows'],
    duplicates: 0,
  });
});

test('an event of an aggregate that is parked already follows, but one that was settled before does not', () => {
  const [settled, fresh] = [message(0, 0, 'a'), message(0, 1, 'a')];
  expect(
    plan([settled, fresh], {
      parkedAggregates: new Set(['parcel/a']),
      settledHashes: new Map([[settled.eventId ?? '', settled.payloadHash]]),
    }),
  ).toEqual({ candidates: [], parked: ['parcels/0/1 follows'], duplicates: 1 });
});

test('an event that was settled under an older, wider schema is a duplicate, not poison', () => {
  const settled = poisoned(message(0, 0, 'a'));
  expect(plan([settled], { settledHashes: new Map([[settled.eventId ?? '', settled.payloadHash]]) })).toEqual({
    candidates: [],
    parked: [],
    duplicates: 1,
  });
});

test('a finding parks its event, and what follows', () => {
  const findings = new Map([['parcels/0/0', { reason: 'refused', error: 'never' } as const]]);
  expect(plan([message(0, 0, 'a'), message(0, 1, 'a')], { findings })).toEqual({
    candidates: [],
    parked: ['parcels/0/0 refused', 'parcels/0/1 follows'],
    duplicates: 0,
  });
});

test('an id that comes twice in a batch is settled once; with another payload it is parked', () => {
  const eventId = uuidv7();
  expect(
    plan([
      message(0, 0, 'a', 'depot', eventId),
      message(1, 0, 'a', 'depot', eventId),
      message(1, 1, 'a', 'van', eventId),
    ]),
  ).toEqual({ candidates: ['parcels/0/0'], parked: ['parcels/1/1 payload-mismatch'], duplicates: 1 });
});
