/** The "JSON.parse source text access" proposal: in Node 24, not yet in TypeScript's libraries. */
interface RawJSON {
  readonly rawJSON: string;
}

interface JSON {
  /** A value that `stringify` writes as this text: how a decimal becomes a JSON number without being a double. */
  rawJSON(text: string): RawJSON;
  /** `context.source` is the text of a primitive value as it stood in the JSON. */
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}
