import type { Readable } from '../../contract/dead-letters.ts';

/** Longer texts are cut: a letter of a megabyte helps nobody on a screen. */
const MAX_CHARACTERS = 8000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readable(value: Buffer | null): Readable {
  if (value === null) return { form: 'none', bytes: 0, content: '' };
  const { form, content } = spell(value);
  return { form, bytes: value.length, content: cut(content) };
}

function spell(bytes: Buffer): Pick<Readable, 'form' | 'content'> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { form: 'base64', content: bytes.toString('base64') };
  }
  try {
    const value: unknown = JSON.parse(text);
    // Set out only where nothing is lost by it: a long number, a key that comes twice.
    if (JSON.stringify(value) === text.trim()) return { form: 'json', content: JSON.stringify(value, null, 2) };
  } catch {
    // No JSON.
  }
  return { form: 'text', content: text };
}

/** @returns the text, or its beginning and how much is missing */
export function cut(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  return `${text.slice(0, MAX_CHARACTERS)}\n… ${text.length - MAX_CHARACTERS} more characters`;
}
