import { errorText } from '../../problems/error-text.ts';

test('an error says its message', () => {
  expect(errorText(new Error('no room'))).toBe('no room');
});

test('one without a message says what the errors in it say', () => {
  const refused = new AggregateError(
    [new Error('connect ECONNREFUSED ::1'), new Error('connect ECONNREFUSED 127.0.0.1')],
    '',
  );
  expect(errorText(refused)).toBe('connect ECONNREFUSED ::1; connect ECONNREFUSED 127.0.0.1');
});

test('what is no error, or says nothing at all, is named', () => {
  expect([errorText('words'), errorText(null), errorText(new Error(''))]).toEqual(['words', 'null', 'Error']);
});
