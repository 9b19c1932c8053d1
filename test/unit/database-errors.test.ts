import { isConflict, isDatabaseUnavailable, sqlState } from '../../mixins/database/errors.ts';

const withCode = (code: string, message = 'failed'): Error => Object.assign(new Error(message), { code });

test('a database behind several addresses that all refuse is away, though the error says nothing', () => {
  const error = Object.assign(new AggregateError([withCode('ECONNREFUSED')], ''), { code: 'ECONNREFUSED' });
  expect(isDatabaseUnavailable(error)).toBe(true);
});

test.each([
  withCode('ECONNREFUSED'),
  withCode('EPIPE'),
  withCode('ENOTFOUND'),
  withCode('57P01'),
  withCode('53300'),
  withCode('25P03'),
  withCode('55P03'),
  new Error('Connection terminated unexpectedly'),
  Object.assign(new Error(''), { name: 'SequelizeConnectionRefusedError' }),
  Object.assign(new Error(''), { name: 'SequelizeDatabaseError', parent: withCode('57P01') }),
])('%s: the database is away', (error) => {
  expect(isDatabaseUnavailable(error)).toBe(true);
});

test.each([withCode('23505'), withCode('22003'), withCode('40P01'), new Error('anything else'), null, 'words'])(
  '%s: the database has answered',
  (error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  },
);

test('a system error that has the shape of an SQLSTATE is none', () => {
  expect(sqlState(withCode('EPIPE'))).toBeNull();
  expect(sqlState(Object.assign(new Error(''), { parent: withCode('40001') }))).toBe('40001');
});

test('a deadlock and a serialization failure are conflicts', () => {
  expect(['40P01', '40001', '23505'].map((code) => isConflict(withCode(code)))).toEqual([true, true, false]);
});
