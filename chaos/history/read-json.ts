import { minorUnitsFromNumberSource } from '../../money/money.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Reads an answer; numbers as the text that stood there, so that no amount passes through a double. */
export function readFields(text: string): Fields {
  try {
    const read: unknown = JSON.parse(text, (_key, value: unknown, { source }) =>
      typeof value === 'number' ? source : value,
    );
    return typeof read === 'object' && read !== null ? (read as Fields) : {};
  } catch {
    return {};
  }
}

/** @returns minor units, or null where there is no amount */
export function moneyOf(value: unknown): bigint | null {
  return typeof value === 'string' ? minorUnitsFromNumberSource(value) : null;
}

/** A field as a text; "" where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
