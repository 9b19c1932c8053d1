import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { HttpAnswer } from '../http-client.ts';
import { messagesIn } from '../event-stream.ts';
import { contractAjv } from '../json-schema.ts';

type Examples = Readonly<Record<string, { readonly value: unknown }>>;

export interface MediaType {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Examples;
}

export interface Header {
  readonly required: boolean;
  readonly schema: { readonly type: string };
  readonly example?: unknown;
}

export interface Answer {
  readonly headers: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: object;
  readonly examples?: Examples;
}

export interface Operation {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

/** A door's OpenAPI document, as its readers use it: references are followed, values judged by its schemas. */
export class DocumentChecks {
  readonly document: Readonly<Record<string, unknown>>;
  readonly #ajv = contractAjv();
  readonly #compiled = new Map<object, ValidateFunction>();

  /** @param document as it was read from JSON */
  constructor(document: object) {
    this.document = document as Readonly<Record<string, unknown>>;
    const { schemas } = this.document.components as { schemas: object };
    this.#ajv.addSchema({ $defs: absolute(closed(schemas)) }, COMPONENTS);
  }

  /** By `GET /api/orders`, with the path as the document has it. */
  get operations(): ReadonlyMap<string, Operation> {
    const paths = this.document.paths as Record<string, Record<string, unknown>>;
    return new Map(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(
          ([method, operation]) => [`${method.toUpperCase()} ${path}`, this.#resolve(operation) as Operation] as const,
        ),
      ),
    );
  }

  /** @returns what is wrong with a value by a schema of the document; empty when nothing is */
  errorsOf(schema: object, value: unknown): string[] {
    const validate = this.#compiled.get(schema) ?? this.#ajv.compile(absolute(schema));
    this.#compiled.set(schema, validate);
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  }

  /**
   * Whether the document said that an operation answers so.
   *
   * @param address `GET /api/orders`, with the path as the document has it
   * @returns what the document does not tell, or tells otherwise; empty when nothing
   */
  undocumented(address: string, { status, headers, text, json }: HttpAnswer): string[] {
    const answer = this.operations.get(address)?.responses[status];
    if (answer === undefined) return [`${address} is not said to answer ${status}: ${text}`];
    const wrong = Object.entries(answer.headers).flatMap(([name, { required, schema }]) => {
      const value = headers[name.toLowerCase()];
      if (value === undefined) return required ? [`${status} lacks ${name}`] : [];
      const read = schema.type === 'integer' ? Number(value) : value;
      return this.errorsOf(schema, read).map((error) => `${status} ${name}: ${error}`);
    });
    const mediaType = headers['content-type']?.replace(/;.*/, '');
    if (answer.content === undefined) return text === '' ? wrong : [...wrong, `${status} has a body`];
    const content = answer.content[mediaType ?? ''];
    if (content === undefined) return [...wrong, `${status} is not said to be ${mediaType ?? 'without a type'}`];
    const schema = closed(content.schema);
    return [...wrong, ...valuesIn(mediaType, text, json).flatMap((value) => this.errorsOf(schema, value))];
  }

  /** References below an operation, but for those to schemas, which may go round. */
  #resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((member) => this.#resolve(member));
    if (typeof value !== 'object' || value === null) return value;
    if ('$ref' in value && typeof value.$ref === 'string' && !value.$ref.startsWith('#/components/schemas/')) {
      return this.#resolve(this.#at(value.$ref));
    }
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.#resolve(member)]));
  }

  #at(reference: string): unknown {
    return reference
      .slice(2)
      .split('/')
      .reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], this.document);
  }
}

/** What the schema of a media type describes: the body, or each event of a stream. */
function valuesIn(mediaType: string | undefined, text: string, json: unknown): unknown[] {
  if (mediaType !== 'text/event-stream') return [mediaType?.endsWith('json') === true ? json : text];
  return messagesIn(text).map((fields) => Object.fromEntries(fields));
}

const COMPONENTS = 'components.json';

/** What is answered has what the document names and nothing besides, although clients are told to expect more. */
function closed(schema: object): object {
  const members = Object.entries(schema).map(([key, member]: [string, unknown]) => [
    key,
    typeof member === 'object' && member !== null && !Array.isArray(member) ? closed(member) : member,
  ]);
  const isObject = 'type' in schema && schema.type === 'object' && 'properties' in schema;
  return Object.fromEntries([...members, ...(isObject ? [['additionalProperties', false]] : [])]) as object;
}

/** The schema with its references to the document's components as they are in `COMPONENTS`. */
function absolute(schema: object): object {
  const text = JSON.stringify(schema).replaceAll('"#/components/schemas/', `"${COMPONENTS}#/$defs/`);
  return JSON.parse(text) as object;
}
