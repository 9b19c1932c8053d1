import { OperatorSessions } from '../../../auth/operator-sessions.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

function cookieOf(setCookie: string): string {
  return setCookie.split(';')[0] ?? '';
}

test('a session holds for a working day, and no longer', () => {
  const sessions = new OperatorSessions('operator-token-0123456789');
  const cookie = cookieOf(sessions.begin('olga', null, false, NOW));
  expect(sessions.of(`theme=dark; ${cookie}`, NOW + 7 * HOUR_MS)).toEqual({
    subject: 'olga',
    expiresAt: NOW + 8 * HOUR_MS,
  });
  expect(sessions.of(cookie, NOW + 8 * HOUR_MS)).toBeNull();
});

test('it ends with its token', () => {
  const sessions = new OperatorSessions(null);
  const cookie = cookieOf(sessions.begin(null, NOW + HOUR_MS, false, NOW));
  expect(sessions.of(cookie, NOW + HOUR_MS - 1)?.subject).toBeNull();
  expect(sessions.of(cookie, NOW + HOUR_MS)).toBeNull();
});

test('whatever was changed, or signed by another key, is none', () => {
  const sessions = new OperatorSessions('operator-token-0123456789');
  const cookie = cookieOf(sessions.begin(null, null, true, NOW));
  const [name = '', value = ''] = cookie.split('=', 2);
  const [said = '', signature = ''] = value.split('.');
  const forged = Buffer.from(JSON.stringify({ subject: 'mallory', expiresAt: NOW * 2 })).toString('base64url');
  for (const bad of [`${forged}.${signature}`, said, `${said}.`, `${said}.${signature}x`, '', '.']) {
    expect(sessions.of(`${name}=${bad}`, NOW)).toBeNull();
  }
  expect(new OperatorSessions('operator-token-987654321').of(cookie, NOW)).toBeNull();
  expect(sessions.of(undefined, NOW)).toBeNull();
});

test('a browser sends it to the console alone, never to scripts or other sites; over TLS alone where there is TLS', () => {
  const sessions = new OperatorSessions(null);
  expect(sessions.begin(null, null, true, NOW)).toMatch(
    /; Path=\/console; Max-Age=28800; HttpOnly; SameSite=Strict; Secure$/,
  );
  expect(sessions.end(false)).toBe('console_session=; Path=/console; Max-Age=0; HttpOnly; SameSite=Strict');
});
