import { Type, type TObject } from '@sinclair/typebox';
import { problem, type FieldError, type ProblemType } from '../problems/problems.ts';
import type { Checked, Value } from './values.ts';

/** Fields of a body are named by JSON pointer, parameters of a path or query by their name. */
export type Place = 'body' | 'parameters';

type Fields<T> = { readonly [Name in keyof T]: Value<T[Name]> };

/** The input of one action: its parser and its schema, from the same fields. */
export interface Input<T extends object = object> {
  readonly place: Place;
  /** What is accepted, as one object. */
  readonly schema: TObject;
  /** What `parse` throws. */
  readonly problems: readonly ProblemType[];
  /**
   * What it returns is again valid input, and stays as it is when parsed again.
   *
   * @throws one of `problems`, naming every bad field
   */
  readonly parse: (input: unknown) => T;
}

interface Refusal {
  readonly problems: readonly ProblemType[];
  /** Makes the error out of what is wrong; at least one field is. */
  readonly refuse: (errors: readonly FieldError[]) => Error;
}

interface Options<T> {
  /** What is wrong with several fields together; asked when each of them is well, whatever else is not. */
  readonly judge?: { readonly fields: readonly (keyof T)[]; readonly errorsOf: (parsed: T) => readonly FieldError[] };
  /** `invalid-input`, if not given. */
  readonly refusal?: Refusal;
  /** What the schema is called in the document. */
  readonly title?: string;
}

const INVALID_INPUT: Refusal = { problems: ['invalid-input'], refuse: invalidInput };
/** The pointers that a problem's detail names itself; the rest is in its `errors`. */
const NAMED_POINTERS = 5;

/**
 * Defines an input by its fields. A field whose check takes `undefined` may be absent.
 *
 * @param place how bad fields are named
 * @param fields a value each; there are no others
 */
export function defineInput<T extends object>(place: Place, fields: Fields<T>, options: Options<T> = {}): Input<T> {
  const { judge, refusal = INVALID_INPUT, title } = options;
  return {
    place,
    schema: schemaOf(place, fields, title),
    problems: refusal.problems,
    parse(input) {
      const { values, errors } = check(input, place, fields);
      const isJudged = judge?.fields.every((name) => Object.hasOwn(values, name)) === true;
      const wrong = [...errors, ...(isJudged ? judge.errorsOf(values as T) : [])];
      if (wrong.length > 0) throw refusal.refuse(wrong);
      return values as T;
    },
  };
}

/** @returns the problem that names every bad field */
export function invalidInput(errors: readonly FieldError[]): Error {
  const pointers = errors.map(({ pointer }) => pointer);
  const named =
    pointers.length > NAMED_POINTERS
      ? `${pointers.slice(0, NAMED_POINTERS).join(', ')} and ${pointers.length - NAMED_POINTERS} more`
      : pointers.join(', ');
  return problem('invalid-input', `Nothing was done: correct ${named} and send the request again.`, { errors });
}

function schemaOf<T extends object>(place: Place, fields: Fields<T>, title?: string): TObject {
  const properties = Object.entries<Value<unknown>>(fields).map(([name, value]) => {
    const schema = place === 'parameters' ? (value.parameterSchema ?? value.schema) : value.schema;
    return [name, value.check(undefined).ok ? Type.Optional(schema) : schema] as const;
  });
  return Type.Object(Object.fromEntries(properties), {
    additionalProperties: false,
    ...(title !== undefined && { title }),
  });
}

/** Checks every field, and that there are no others; reports all that is wrong. */
function check<T extends object>(
  input: unknown,
  place: Place,
  fields: Fields<T>,
): { values: Record<string, unknown>; errors: FieldError[] } {
  const given: Record<string, unknown> = typeof input === 'object' && input !== null ? { ...input } : {};
  const errors: FieldError[] = Object.keys(given)
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) => ({
      pointer: pointerTo(place, name),
      detail: `There is no such field here: leave it out. Known are ${Object.keys(fields).join(', ')}.`,
    }));
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries<Value<unknown>>(fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const checked: Checked<unknown> =
      place === 'parameters' && Array.isArray(value)
        ? { ok: false, detail: 'This parameter is given once, as one value.' }
        : field.check(value);
    if (checked.ok) values[name] = checked.value;
    else errors.push({ pointer: pointerTo(place, name), detail: checked.detail });
  }
  return { values, errors };
}

function pointerTo(place: Place, name: string): string {
  return place === 'parameters' ? name : `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
