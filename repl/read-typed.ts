/**
 * Reads an option that is a number of seconds.
 *
 * @returns null when it was not given
 * @throws Error with a sentence that names the option
 */
export function readSeconds(option: string, typed: string | undefined): number | null {
  if (typed === undefined) return null;
  const seconds = Number(typed);
  if (!/^\d{1,9}$/.test(typed)) throw new Error(`--${option} is "${typed}"; it is a whole number of seconds.`);
  return seconds;
}
