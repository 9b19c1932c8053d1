import type { Json } from './json.ts';

/** What data is, not schema: a `title` in it names nothing. */
const DATA_KEYWORDS = new Set(['const', 'default', 'enum', 'examples']);

/** Collects the schemas that have a title, as the document's components; wherever one stands, it is a reference. */
export class Schemas {
  readonly #sources = new Map<string, object>();
  readonly #components = new Map<string, unknown>();

  /**
   * @returns the schema with a reference for each part that has a title
   * @throws Error when two different schemas have one title
   */
  refer(schema: object): Json {
    return this.#walk(schema) as Json;
  }

  /** All that were met, by title. */
  get components(): Json {
    return Object.fromEntries(this.#components);
  }

  #walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((member) => this.#walk(member));
    if (typeof value !== 'object' || value === null) return value;
    const { title } = value as { title?: unknown };
    if (typeof title !== 'string') return this.#walkMembers(value);
    const known = this.#sources.get(title);
    if (known === undefined) {
      this.#sources.set(title, value);
      this.#components.set(title, this.#walkMembers(value));
    } else if (known !== value) {
      throw new Error(`Two schemas have the title ${title}.`);
    }
    return { $ref: `#/components/schemas/${title}` };
  }

  #walkMembers(schema: object): Json {
    return Object.fromEntries(
      Object.entries(schema).map(([key, member]) => [key, DATA_KEYWORDS.has(key) ? member : this.#walk(member)]),
    );
  }
}
