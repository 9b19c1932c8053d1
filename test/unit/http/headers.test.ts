import { accepts } from '../../../http/accept.ts';
import { chooseRequestId } from '../../../http/request-id.ts';

test.each([
  undefined,
  '',
  '*/*',
  'application/json',
  'application/*',
  'APPLICATION/JSON;charset=utf-8',
  'text/html, application/json;q=0.1',
  'text/html,*/*;q=0.1',
  '*/*;q=0, application/json',
])('Accept %p takes JSON', (accept) => {
  expect(accepts(accept, 'application/json')).toBe(true);
});

test.each([
  'text/html',
  'application/xml',
  'text/*',
  'application/json;q=0',
  'application/json;q=0, */*',
  'application/*;q=0.0, */*;q=1',
  'application/problem+json',
  'json',
])('Accept %p excludes JSON', (accept) => {
  expect(accepts(accept, 'application/json')).toBe(false);
});

test('another media type is judged by its own name and range', () => {
  for (const accept of ['text/event-stream', 'text/*', '*/*', undefined]) {
    expect(accepts(accept, 'text/event-stream')).toBe(true);
  }
  for (const accept of ['application/json', 'application/*', 'text/plain', 'text/event-stream;q=0, */*']) {
    expect(accepts(accept, 'text/event-stream')).toBe(false);
  }
});

test.each(['a', '0193b5a0-7c1e-7a2b', 'a:b/c=d+e@f.g_h', 'x'.repeat(128)])('the request id %p is kept', (id) => {
  expect(chooseRequestId(id)).toBe(id);
});

test.each([undefined, '', 'x'.repeat(129), 'a b', 'a, b', '<script>', 'a\nb', 'ä'])(
  'instead of the request id %p there is a fresh one',
  (id) => {
    const first = chooseRequestId(id);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(chooseRequestId(id)).not.toBe(first);
  },
);
