import { idempotencyKeyOf, nameOf, type IdempotencyKey } from '../../../mixins/idempotency-keys/idempotency-key.ts';
import { judge, type Verdict } from '../../../mixins/idempotency-keys/judge-keys.ts';
import type { KeptKey } from '../../../mixins/idempotency-keys/key-table.ts';

function keyed(key: string, values: object = {}): IdempotencyKey {
  const made = idempotencyKeyOf({ meta: { idempotencyKey: key } }, { userId: 'alice', ...values });
  if (made === null) throw new Error('There is a key in its meta.');
  return made;
}

function kept(key: IdempotencyKey): KeptKey {
  return { ...key, answer: '"first"' };
}

function verdicts(
  keys: readonly (IdempotencyKey | null)[],
  { held = [], again = false, locked = keys }: { held?: KeptKey[]; again?: boolean; locked?: typeof keys } = {},
): Verdict[] {
  return judge(keys, {
    locked: new Set(locked.flatMap((key) => (key === null ? [] : [nameOf(key)]))),
    kept: new Map(held.map((row) => [nameOf(row), row])),
    again,
  });
}

const refused = (type: string): unknown => ({ kind: 'refuse', error: expect.objectContaining({ type }) as unknown });

test('new keys and requests without a key are written', () => {
  expect(verdicts([keyed('a'), null, keyed('b'), null])).toEqual(Array(4).fill({ kind: 'write' }));
});

test('a key that had its effect replays the first answer, whether or not it can be locked', () => {
  const replay = { kind: 'answer', json: '"first"', replayed: true };
  expect(verdicts([keyed('a'), keyed('a')], { held: [kept(keyed('a'))] })).toEqual([replay, replay]);
  expect(verdicts([keyed('a')], { held: [kept(keyed('a'))], locked: [] })).toEqual([replay]);
});

test('a key that had its effect refuses other values', () => {
  expect(verdicts([keyed('a', { amount: '2' })], { held: [kept(keyed('a', { amount: '1' }))] })).toEqual([
    refused('idempotency-key-reused'),
  ]);
});

test('a key in another transaction is in use', () => {
  expect(verdicts([keyed('a'), keyed('b')], { locked: [keyed('b')] })).toEqual([
    refused('idempotency-key-in-use'),
    { kind: 'write' },
  ]);
});

test('of the same request several times in a batch one is written, the others follow it; other values are refused', () => {
  expect(verdicts([null, keyed('a'), keyed('b'), keyed('a'), keyed('a', { amount: '2' })])).toEqual([
    { kind: 'write' },
    { kind: 'write' },
    { kind: 'write' },
    { kind: 'follow', leader: 1 },
    refused('idempotency-key-in-use'),
  ]);
});

test('after a commit without an answer a key that is locked is looked at again, and a row of its own is no replay', () => {
  const own = keyed('a');
  expect(verdicts([own], { again: true, locked: [] })).toEqual([{ kind: 'look-again' }]);
  expect(verdicts([own], { again: true, held: [kept(own)] })).toEqual([
    { kind: 'answer', json: '"first"', replayed: false },
  ]);
  expect(verdicts([own], { again: true, held: [kept(keyed('a'))] })).toEqual([
    { kind: 'answer', json: '"first"', replayed: true },
  ]);
  expect(verdicts([own], { again: true })).toEqual([{ kind: 'write' }]);
});
