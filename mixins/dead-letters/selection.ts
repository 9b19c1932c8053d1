import type { FieldError } from '../../problems/problems.ts';

/** Which letters: all conditions together. Null: any. */
export interface Selection {
  readonly ids: readonly string[] | null;
  /** `service.consumer`. */
  readonly consumer: string | null;
  /** `type/id`. */
  readonly aggregate: string | null;
  /** Partition key, of the relay's side. */
  readonly key: string | null;
  readonly reason: string | null;
  readonly type: string | null;
  /** Parked at or after this, RFC 3339. */
  readonly from: string | null;
  /** Parked before this. */
  readonly to: string | null;
}

/** More are a filter's business. */
const MAX_IDS = 1000;
const ID = /^[1-9]\d{0,17}$/;
const MAX_TEXT_CHARACTERS = 2000;

/** Reads fields of an action's parameters, and collects what is wrong with them. */
export class FieldReader {
  readonly errors: FieldError[] = [];
  readonly #params: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();

  constructor(params: unknown) {
    this.#params = typeof params === 'object' && params !== null ? { ...params } : {};
  }

  /** @returns text that is not empty; null when it is absent */
  text(name: string, form?: RegExp, formIs?: string): string | null {
    const value = this.#take(name);
    if (value === undefined || value === null) return null;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text.trim() === '' || text.length > MAX_TEXT_CHARACTERS || text.includes('\0')) {
      return this.#refuse(name, `It is text of 1 to ${MAX_TEXT_CHARACTERS} characters.`);
    }
    if (form !== undefined && !form.test(text)) return this.#refuse(name, formIs ?? 'It has another form.');
    return text;
  }

  /** @param otherwise what to say when it is absent */
  requiredText(name: string, otherwise: string): string {
    const text = this.text(name);
    if (text === null && !this.errors.some(({ pointer }) => pointer === `/${name}`)) this.#refuse(name, otherwise);
    return text ?? '';
  }

  id(name: string): string | null {
    return this.text(name, ID, 'An id is a whole number, as list shows it.');
  }

  ids(name: string): string[] | null {
    const value = this.#take(name);
    if (value === undefined || value === null) return null;
    const list: readonly unknown[] = Array.isArray(value) ? value : textOf(value).split(',');
    const ids = list.map((id) => textOf(id).trim());
    if (ids.length === 0 || ids.length > MAX_IDS || !ids.every((id) => ID.test(id))) {
      return this.#refuse(name, `They are 1 to ${MAX_IDS} whole numbers, as list shows them.`);
    }
    return [...new Set(ids)];
  }

  time(name: string): string | null {
    const text = this.text(name);
    if (text === null) return null;
    const time = new Date(text);
    if (Number.isNaN(time.getTime())) return this.#refuse(name, 'It is a time, for example 2026-11-23T07:30:00Z.');
    return time.toISOString();
  }

  /** A REPL hands over `true` and `'true'` alike. */
  boolean(name: string, absent: boolean): boolean {
    const value = this.#take(name);
    if (value === undefined || value === null) return absent;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    this.#refuse(name, 'It is true or false.');
    return absent;
  }

  number(name: string, absent: number, max: number): number {
    const value = this.#take(name);
    if (value === undefined || value === null) return absent;
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= 1 && number <= max) return number;
    this.#refuse(name, `It is a whole number from 1 to ${max}.`);
    return absent;
  }

  oneOf<T extends string>(name: string, values: readonly T[], absent: T): T {
    const value = this.#take(name) ?? absent;
    const found = values.find((each) => each === value);
    if (found === undefined) this.#refuse(name, `It is one of ${values.join(', ')}.`);
    return found ?? absent;
  }

  /** To be called when every field was read. */
  refuseOthers(): void {
    for (const name of Object.keys(this.#params)) {
      if (!this.#known.has(name)) {
        this.#refuse(name, `There is no such field here: leave it out. Known are ${[...this.#known].join(', ')}.`);
      }
    }
  }

  #take(name: string): unknown {
    this.#known.add(name);
    return this.#params[name];
  }

  #refuse(name: string, detail: string): null {
    this.errors.push({ pointer: `/${name}`, detail });
    return null;
  }
}

/** A REPL makes a number of an id; anything else is no id. */
function textOf(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

export function readSelection(fields: FieldReader): Selection {
  return {
    ids: fields.ids('ids'),
    consumer: fields.text('consumer'),
    aggregate: fields.text('aggregate', /^[^/]+\/./, 'An aggregate is <type>/<id>, as list shows it.'),
    key: fields.text('key'),
    reason: fields.text('reason'),
    type: fields.text('type'),
    from: fields.time('from'),
    to: fields.time('to'),
  };
}

/** No condition at all. */
export const NOTHING_SELECTED: Selection = {
  ids: null,
  consumer: null,
  aggregate: null,
  key: null,
  reason: null,
  type: null,
  from: null,
  to: null,
};

/** True when it names no letters in particular. */
export function isEverything(selection: Selection): boolean {
  return Object.values(selection).every((condition) => condition === null);
}
