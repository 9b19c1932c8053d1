import { painter } from '../terminal/colours.js';

/** @import { Row } from './row.ts' */

const COLOURS = /** @type {const} */ ({ ok: 'green', warn: 'yellow', fail: 'red' });

/**
 * The rows in columns; what to do stands below its row, since it is long.
 *
 * @param {readonly Row[]} rows
 * @param {boolean} coloured
 */
export function tableOf(rows, coloured) {
  const paint = painter(coloured);
  const shown = rows.map((row) => ({ ...row, found: oneLine(row.found) }));
  const nameWidth = widest(['check', ...shown.map(({ name }) => name)]);
  const foundWidth = widest(['found', ...shown.map(({ found }) => found)]);
  const indent = ' '.repeat(8 + nameWidth);
  return [
    '',
    `  ${'check'.padEnd(nameWidth)}      ${'found'.padEnd(foundWidth)}  needed`,
    ...shown.flatMap(({ name, status, found, needed, fix }) => [
      `  ${name.padEnd(nameWidth)}${paint(COLOURS[status], status.padEnd(6))}${found.padEnd(foundWidth)}  ${needed}`.trimEnd(),
      ...(fix === undefined ? [] : [`${indent}${paint('cyan', 'fix')}: ${fix}`]),
    ]),
    '',
    `  ${conclusion(rows)}`,
    '',
  ].join('\n');
}

/** @param {readonly Row[]} rows */
function conclusion(rows) {
  const count = (/** @type {Row['status']} */ wanted) => rows.filter(({ status }) => status === wanted).length;
  const warnings = count('warn') === 1 ? '1 warning' : `${count('warn')} warnings`;
  if (count('fail') === 0) return `This machine can run the system: npm start. ${warnings}.`;
  return `${count('fail')} of ${rows.length} checks fail, ${warnings}: do what stands behind "fix", and ask again.`;
}

/** @param {readonly string[]} texts */
function widest(texts) {
  return Math.max(...texts.map((text) => text.length)) + 2;
}

/** @param {string} text */
function oneLine(text) {
  return text.replaceAll(/\s+/g, ' ').trim();
}
