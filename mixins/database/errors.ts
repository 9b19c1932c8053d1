/** What PostgreSQL's SQLSTATE classes mean to a caller who waits. */

/** Connection lost or refused, shutting down, out of resources, time limits: nothing was done, and it may work in a moment. */
const UNAVAILABLE_STATES = /^(08|53|57P0|25P0[34]|55P03|57014|3D000)/;
/** Somebody else was in the way: the same transaction again succeeds. */
const CONFLICT_STATES = /^(40001|40P01)/;

/** What the system says of a connection that cannot be made, or broke. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** The codes of an error and of what Sequelize and others wrapped it around, the outermost first. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  let cause = error;
  for (let depth = 0; typeof cause === 'object' && cause !== null && depth < 4; depth++) {
    if ('code' in cause && typeof cause.code === 'string') codes.push(cause.code);
    cause = 'parent' in cause ? cause.parent : 'cause' in cause ? cause.cause : null;
  }
  return codes;
}

/** @returns the SQLSTATE of an error of pg, or of what Sequelize wrapped around it; null when it has none */
export function sqlState(error: unknown): string | null {
  // `EPIPE` has the shape of one, and is none.
  return codesOf(error).find((code) => /^[0-9A-Z]{5}$/.test(code) && !CONNECTION_CODES.has(code)) ?? null;
}

/** True when the database could not be asked, or gave up before it did anything. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, message } = error as { name?: unknown; message?: unknown };
  if (/^Sequelize(Connection|Host|InvalidConnection|AccessDenied)/.test(String(name))) return true;
  const state = sqlState(error);
  if (state !== null) return UNAVAILABLE_STATES.test(state);
  // A host with several addresses fails with an empty message: the code tells.
  if (codesOf(error).some((code) => CONNECTION_CODES.has(code))) return true;
  // pg reports a cut connection by words alone; Sequelize refuses a pool that is being closed likewise.
  return /Connection terminated|timeout expired|not queryable|ConnectionManager\.getConnection was called/.test(
    String(message),
  );
}

/** True when two transactions met and this one lost: deadlock or serialization failure. */
export function isConflict(error: unknown): boolean {
  return CONFLICT_STATES.test(sqlState(error) ?? '');
}
