/** What PostgreSQL's SQLSTATE classes mean to a caller who waits. */

/** Connection lost or refused, shutting down, out of resources, time limits: nothing was done, and it may work in a moment. */
const UNAVAILABLE_STATES = /^(08|53|57P0|25P0[34]|55P03|57014|3D000)/;
/** Somebody else was in the way: the same transaction again succeeds. */
const CONFLICT_STATES = /^(40001|40P01)/;

/** @returns the SQLSTATE of an error of pg, or of what Sequelize wrapped around it; null when it has none */
export function sqlState(error: unknown): string | null {
  for (let cause: unknown = error, depth = 0; typeof cause === 'object' && cause !== null && depth < 4; depth++) {
    if ('code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code)) return cause.code;
    cause = 'parent' in cause ? cause.parent : 'cause' in cause ? cause.cause : null;
  }
  return null;
}

/** True when the database could not be asked, or gave up before it did anything. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/^Sequelize(Connection|Host|InvalidConnection|AccessDenied)/.test(error.name)) return true;
  const state = sqlState(error);
  if (state !== null) return UNAVAILABLE_STATES.test(state);
  // pg reports a cut connection by words alone; Sequelize refuses a pool that is being closed likewise.
  return /Connection terminated|not queryable|ECONNRESET|EPIPE|ETIMEDOUT|ECONNREFUSED|ConnectionManager\.getConnection was called/.test(
    error.message,
  );
}

/** True when two transactions met and this one lost: deadlock or serialization failure. */
export function isConflict(error: unknown): boolean {
  return CONFLICT_STATES.test(sqlState(error) ?? '');
}
