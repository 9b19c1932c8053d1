import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { errorText } from '../problems/error-text.ts';
import type { EventDefinition } from './event.ts';

/** Data as the reader's own version has it, or a sentence that says what is wrong. */
export type ReadData = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly detail: string };

/** One version of an event type, compiled. */
interface Version {
  readonly dataschema: string;
  readonly validate: ValidateFunction;
  /** Makes data of this version into data of the next one; null in the newest. */
  readonly upcast: ((data: never) => unknown) | null;
}

/**
 * The versions of a set of event types: what may be written, and how what was written is read.
 *
 * Unknown fields are allowed: old readers meet new writers.
 */
export class EventSchemas {
  readonly #ajv = new Ajv2020({ allErrors: false });
  /** By type: its versions, oldest first. */
  readonly #versions = new Map<string, readonly Version[]>();

  /**
   * @param definitions the newest version of each event type that this reader or writer knows; compiled once, here
   * @throws Error when two of them are of one type: the newer one names the older one as its previous version
   */
  constructor(definitions: readonly EventDefinition[]) {
    for (const definition of definitions) {
      if (this.#versions.has(definition.type)) {
        throw new Error(`${definition.type} is given twice: give its newest version alone.`);
      }
      this.#versions.set(definition.type, this.#compile(definition, null));
    }
  }

  knows(type: string): boolean {
    return this.#versions.has(type);
  }

  /**
   * For writers: any version that is known may be written, since readers come first in an upgrade.
   *
   * @returns null when the data fits that version of its type, otherwise a sentence that says what does not
   */
  check({ type, dataschema }: Pick<EventDefinition, 'type' | 'dataschema'>, data: unknown): string | null {
    const version = this.#versions.get(type)?.find((each) => each.dataschema === dataschema);
    return version === undefined ? `no schema is known for ${type} (${dataschema})` : whatIsWrong(version, data);
  }

  /**
   * For readers: data of an older version comes out as the newest that is known. A version that is not known is newer,
   * and within a topic newer versions can be read as older ones.
   *
   * @param dataschema as the envelope names it
   */
  read(type: string, dataschema: string, data: unknown): ReadData {
    const versions = this.#versions.get(type) ?? [];
    const known = versions.findIndex((each) => each.dataschema === dataschema);
    const from = known === -1 ? versions.slice(-1) : versions.slice(known);
    let current = data;
    for (const version of from) {
      const wrong = whatIsWrong(version, current);
      if (wrong !== null) return { ok: false, detail: `${wrong} (${dataschema} read as ${version.dataschema})` };
      try {
        if (version.upcast !== null) current = version.upcast(current as never);
      } catch (error) {
        return { ok: false, detail: `${version.dataschema} cannot be made into the next version: ${errorText(error)}` };
      }
    }
    return from.length === 0 ? { ok: false, detail: `no schema is known for ${type}` } : { ok: true, data: current };
  }

  #compile({ data, dataschema, previous }: EventDefinition, upcast: Version['upcast']): Version[] {
    const older = previous === undefined ? [] : this.#compile(previous.definition, previous.upcast);
    return [...older, { dataschema, validate: this.#ajv.compile(data), upcast }];
  }
}

function whatIsWrong({ validate }: Version, data: unknown): string | null {
  if (validate(data)) return null;
  const [error] = validate.errors ?? [];
  return `${error?.instancePath === '' ? 'the data' : (error?.instancePath ?? 'the data')} ${error?.message ?? 'is invalid'}`;
}
