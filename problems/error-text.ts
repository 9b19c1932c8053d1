/**
 * What an error says, for a log line or a readiness sentence.
 *
 * @param error anything that was thrown
 * @returns its message; without one, what the errors in it say, as with a host whose several addresses all refused
 */
export function errorText(error: unknown): string {
  if (!isErrorLike(error)) return String(error);
  if (error.message !== '') return error.message;
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors.map(errorText) : [];
  return inner.length > 0 ? inner.join('; ') : error.name;
}

/** Not by `instanceof`: errors cross realms, in jest for one. */
function isErrorLike(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
