/**
 * Messages of errors that quote what somebody has sent: PostgreSQL's of values that it cannot read, and JSON.parse's.
 * Such a value may be anybody's.
 */
const QUOTES: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/("(?:[^"\\]|\\.)*"(?:\.\.\.)?|\.\.\.".*"(?:\.\.\.)?) is not valid JSON/gs, 'the text is not valid JSON'],
  [/(invalid (?:input )?(?:syntax|value) for [^:]{1,80}): ".*"/gs, '$1'],
  [/value "[^"]*" is out of range/g, 'a value is out of range'],
  [/(Unexpected token) \S+(?=,)/g, '$1'],
];

/** @returns the text without what it quotes of somebody's input */
export function safeText(text: string): string {
  let safe = text;
  for (const [pattern, instead] of QUOTES) safe = safe.replace(pattern, instead);
  return safe;
}
