/** Words of the REPL's `dlq`. */

/** @param filters as the addresses of the page have them; the REPL keeps `--reason` for why somebody acts */
export function filterWords(filters: Readonly<Record<string, string>>): string[] {
  return Object.entries(filters).map(([name, value]) => `--${name === 'reason' ? 'cause' : name} ${quote(value)}`);
}

export function quote(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `"${text.replaceAll('"', "'")}"`;
}
