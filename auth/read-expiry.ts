const PARTS_OF_A_JWT = 3;

/**
 * @param token that was checked already
 * @returns when it expires, in milliseconds since the epoch; null of a token that does not
 */
export function readExpiry(token: string): number | null {
  const parts = token.split('.');
  if (parts.length !== PARTS_OF_A_JWT) return null;
  try {
    const { exp } = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : null;
  } catch {
    // The operator's own token may have points, too.
    return null;
  }
}
