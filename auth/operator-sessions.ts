import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** Who is logged in, and until when. */
export interface OperatorSession {
  /** The user of the token that it began with; null when that named none. */
  readonly subject: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A working day. */
const MAX_AGE_S = 8 * 60 * 60;
const COOKIE = 'console_session';
const KEY_BYTES = 32;
/** A new one makes every session that there is void. */
const KEY_PURPOSE = 'console-session-1';

/**
 * Sessions of operators' browsers, whose `EventSource` can send no token: a cookie that scripts cannot read, that goes to
 * no other site, and that says nothing but who and until when, signed. Nothing of the token is in it.
 *
 * With an operator's token the key is made of that: every gateway takes the cookies of every other, before and after a
 * restart, and another token ends all sessions. Without one the key lives as long as the process.
 */
export class OperatorSessions {
  readonly #key: Buffer;

  constructor(operatorToken: string | null) {
    this.#key =
      operatorToken === null
        ? randomBytes(KEY_BYTES)
        : Buffer.from(hkdfSync('sha256', operatorToken, '', KEY_PURPOSE, KEY_BYTES));
  }

  /**
   * Begins a session.
   *
   * @param subject the token's user
   * @param tokenExpiresAt milliseconds since the epoch: it ends with the token at the latest
   * @param isSecure whether the browser came by TLS
   * @returns a `Set-Cookie`
   */
  begin(subject: string | null, tokenExpiresAt: number | null, isSecure: boolean, now = Date.now()): string {
    const expiresAt = Math.min(now + MAX_AGE_S * 1000, tokenExpiresAt ?? Number.MAX_SAFE_INTEGER);
    const said = Buffer.from(JSON.stringify({ subject, expiresAt })).toString('base64url');
    const maxAgeS = Math.max(0, Math.floor((expiresAt - now) / 1000));
    return cookie(`${said}.${this.#sign(said)}`, maxAgeS, isSecure);
  }

  /** @returns the `Set-Cookie` that takes the session from the browser */
  end(isSecure: boolean): string {
    return cookie('', 0, isSecure);
  }

  /** @param cookies the `Cookie` header; @returns null when there is no session in it that still holds */
  of(cookies: string | undefined, now = Date.now()): OperatorSession | null {
    for (const each of (cookies ?? '').split(';')) {
      const [name = '', value = ''] = each.trim().split('=', 2);
      if (name !== COOKIE) continue;
      const session = this.#read(value);
      if (session !== null && session.expiresAt > now) return session;
    }
    return null;
  }

  #read(value: string): OperatorSession | null {
    const [said = '', signature = ''] = value.split('.', 2);
    const given = Buffer.from(signature);
    const expected = Buffer.from(this.#sign(said));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return JSON.parse(Buffer.from(said, 'base64url').toString()) as OperatorSession;
  }

  #sign(said: string): string {
    return createHmac('sha256', this.#key).update(said).digest('base64url');
  }
}

function cookie(value: string, maxAgeS: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${COOKIE}=${value}; Path=/console; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure}`;
}
