/**
 * @typedef {{ readonly isTTY?: boolean | undefined }} Stream
 * @typedef {Readonly<Record<string, string | undefined>>} Environment
 */

/**
 * Whether colours belong into what is written there: on a terminal, unless `NO_COLOR` says no; anywhere, when `FORCE_COLOR`
 * says so. As in Node itself, `FORCE_COLOR` decides where both are set, and `FORCE_COLOR=0` is a no.
 *
 * @param {Stream} stream
 * @param {Environment} env
 */
export function isColoured(stream, env) {
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return isDrawn(stream, env) && (env['NO_COLOR'] ?? '') === '';
}

/**
 * Whether lines may be written over there, by a spinner or a bar: on a terminal alone, whatever colours are forced.
 *
 * @param {Stream} stream
 * @param {Environment} env
 */
export function isDrawn(stream, env) {
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** @type {Readonly<Record<string, number>>} */
const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, grey: 90 };

/**
 * Writes in colours, or leaves texts as they are.
 *
 * @param {boolean} coloured
 * @returns {(colour: 'red' | 'green' | 'yellow' | 'cyan' | 'grey', text: string) => string}
 */
export function painter(coloured) {
  return (colour, text) => (coloured ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text);
}
