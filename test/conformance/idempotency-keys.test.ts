import { createHash, randomUUID } from 'node:crypto';
import { sqlState } from '../../mixins/database/errors.ts';
import { nameOf, type IdempotencyKey } from '../../mixins/idempotency-keys/idempotency-key.ts';
import type { KeptKey } from '../../mixins/idempotency-keys/key-table.ts';
import { committed, untilWaiting } from './support/database-stage.ts';
import { DATABASES, stageOf } from './support/databases.ts';

function newKey(): IdempotencyKey {
  const key = randomUUID();
  const fingerprint = createHash('sha256').update(key).digest('hex');
  return { scope: 'orders.create ann', key, fingerprint, attempt: randomUUID() };
}

function kept(key: IdempotencyKey, answer = '{"ok":1}'): KeptKey {
  return { ...key, answer };
}

const namesOf = (...keys: IdempotencyKey[]): Set<string> => new Set(keys.map(nameOf));

describe.each(DATABASES)('idempotency keys in $name', ({ open }) => {
  const stage = stageOf(open);

  test.each(['commits', 'rolls back'] as const)(
    'are locked without waiting: by one transaction at a time, until it %s',
    async (end) => {
      const [one, two, three] = [newKey(), newKey(), newKey()];
      const first = await stage().begin();
      const second = await stage().begin();
      expect(await stage().writes.lockKeys([one, two], first)).toEqual(namesOf(one, two));
      expect(await stage().writes.lockKeys([one, two, three], second)).toEqual(namesOf(three));
      expect(await stage().writes.lockKeys([one], first)).toEqual(namesOf(one));
      await (end === 'commits' ? first.commit() : first.rollback());
      expect(await stage().writes.lockKeys([one, two], second)).toEqual(namesOf(one, two));
    },
  );

  test('of another scope are other keys', async () => {
    const mine = newKey();
    const theirs = { ...mine, scope: 'orders.create bob' };
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().writes.lockKeys([mine], first);
    expect(await stage().writes.lockKeys([theirs], second)).toEqual(namesOf(theirs));
    await stage().writes.keepAnswers([kept(mine)], first);
    expect(await stage().writes.findKeys([theirs], first)).toEqual(new Map());
  });

  test('keep their answers to the last character, and who asked', async () => {
    const key = newKey();
    const answer = kept(key, '{"b":1, "a":"Ä\\n"}');
    await committed(stage(), (transaction) => stage().writes.keepAnswers([answer], transaction));
    const found = await committed(stage(), (transaction) => stage().writes.findKeys([newKey(), key], transaction));
    expect([...found]).toEqual([[nameOf(key), answer]]);
  });

  test('have answers for their own transaction at once, and for the next holder of the lock with the commit', async () => {
    const key = newKey();
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().writes.lockKeys([key], first);
    await stage().writes.keepAnswers([kept(key)], first);
    expect((await stage().writes.findKeys([key], first)).size).toBe(1);
    expect((await stage().writes.findKeys([key], second)).size).toBe(0);
    await first.commit();
    expect(await stage().writes.lockKeys([key], second)).toEqual(namesOf(key));
    expect((await stage().writes.findKeys([key], second)).size).toBe(1);
  });

  test('have no answer after a rollback', async () => {
    const key = newKey();
    const first = await stage().begin();
    await stage().writes.lockKeys([key], first);
    await stage().writes.keepAnswers([kept(key)], first);
    await first.rollback();
    const found = await committed(stage(), (transaction) => stage().writes.findKeys([key], transaction));
    expect(found.size).toBe(0);
  });

  test('have one answer: a second one is refused, and waits for an open one', async () => {
    const key = newKey();
    const first = await stage().begin();
    const second = await stage().begin();
    await stage().writes.keepAnswers([kept(key)], first);
    const again = stage()
      .writes.keepAnswers([kept(key)], second)
      .catch((error: unknown) => error);
    await untilWaiting(stage());
    await first.commit();
    expect(sqlState(await again)).toBe('23505');
  });
});

describe.each(DATABASES)('a transaction in $name', ({ open }) => {
  const stage = stageOf(open);

  test('waits for a lock until its limit, and one that says nothing ends at its own and gives back what it held', async () => {
    const silent = await stage().begin();
    const waiting = await stage().begin();
    const aggregate = { type: 'thing', id: randomUUID() };
    await stage().inbox.lockAggregates([aggregate], silent);
    const refused = stage().inbox.lockAggregates([aggregate], waiting);
    expect(sqlState(await refused.catch((error: unknown) => error))).toBe('55P03');
    await waiting.rollback();
    // Its holder still says nothing: it ends before the next one's limit.
    const next = await stage().begin();
    await stage().inbox.lockAggregates([aggregate], next);
    await expect(stage().writes.findKeys([newKey()], silent)).rejects.toThrow();
    // Sequelize says on the console that it lets go of the connection.
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await expect(silent.commit()).rejects.toThrow();
    warn.mockRestore();
  });
});
