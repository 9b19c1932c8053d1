import { deflateSync, gzipSync } from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import type { Json } from '../oracle/values.ts';
import { anyValue, stringLiteral, unknownName } from './json-values.ts';
import { refused, slot, well, type Choice } from './slots.ts';

/** Bodies: an object of fields, what may be broken about its text, and how its bytes are sent. */

export interface Member {
  readonly name: string;
  readonly nameSource: string;
  readonly value: Json;
}

/** Breaks the text of a whole object in a way that the contract refuses. */
type Damage = (text: string) => Buffer;

export interface Sending {
  readonly headers: readonly (readonly [string, string])[];
  readonly encode: (body: Buffer) => Buffer;
}

const MAX_BODY_BYTES = 16_384;
const MAX_DEPTH = 8;

function member(name: string, escaped: boolean, value: Json): Member {
  return { name, nameSource: stringLiteral(name, escaped), value };
}

/** Mostly there, sometimes missing. */
export function field(name: string, values: Arbitrary<Json>): Arbitrary<Member | null> {
  return fc
    .tuple(values, fc.nat(15), fc.nat(11))
    .map(([value, spelling, presence]) => (presence === 11 ? null : member(name, spelling === 15, value)));
}

/** Members beside the known ones, seldom. */
export const unknownMembers: Arbitrary<readonly Member[]> = fc.oneof(
  { weight: 9, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.tuple(unknownName, fc.boolean(), anyValue).map(([name, escaped, value]) => member(name, escaped, value)),
      { minLength: 1, maxLength: 3 },
    ),
  },
);

export function objectText(members: readonly Member[], separator: string): string {
  return `{${members.map(({ nameSource, value }) => `${nameSource}:${value.source}`).join(separator)}}`;
}

const asText = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Puts bytes somewhere into the text; `where` counts from its beginning, around its end. */
function insertBytes(text: string, where: number, bytes: readonly number[]): Buffer {
  const whole = asText(text);
  const index = 1 + (where % (whole.length - 1));
  return Buffer.concat([whole.subarray(0, index), Buffer.from(bytes), whole.subarray(index)]);
}

function withMember(text: string, source: string): Buffer {
  return asText(text === '{}' ? `{${source}}` : `${text.slice(0, -1)},${source}}`);
}

function nested(levels: number, open: string, close: string): string {
  return `${open.repeat(levels - 1)}1${close.repeat(levels - 1)}`;
}

const malformed = (damage: Damage): Choice<Damage> => refused(damage, 'malformed-json');

const INVALID_UTF8 = [[0xff], [0xc1, 0xa1], [0xf0, 0x9f, 0x8d], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80]];
const NO_JSON = [
  'NaN',
  'Infinity',
  'undefined',
  '+1',
  '01',
  '.5',
  '1.',
  '0x1',
  "'a'",
  '1n',
  '"\\x61"',
  '"\u0001"',
  '/* */ 1',
];
const NO_OBJECT = ['null', '[]', '"alice"', '5', 'true', '-0', '[{"userId":"alice","amount":1}]'];

const damages: Arbitrary<Choice<Damage>> = fc.oneof(
  fc.nat(10_000).map((where) => malformed((text) => asText(text.slice(0, where % text.length)))),
  fc.constantFrom('}', ']', '{}', ';', '\0', ',', '"', 'null').map((more) => malformed((text) => asText(text + more))),
  fc.constantFrom(...NO_OBJECT, '', ' \n').map((other) => malformed(() => asText(other))),
  fc.constantFrom(...NO_JSON).map((source) => malformed((text) => withMember(text, `"x":${source}`))),
  fc.constant(malformed((text) => asText(`${text.slice(0, -1)},}`))),
  fc
    .tuple(unknownName, fc.boolean(), anyValue)
    .map(([name, escaped, value]) =>
      malformed((text) =>
        withMember(text, `${stringLiteral(name, false)}:1,${stringLiteral(name, escaped)}:${value.source}`),
      ),
    ),
  fc
    .tuple(unknownName, fc.boolean())
    .map(([name, escaped]) =>
      malformed((text) =>
        withMember(text, `"x":[{${stringLiteral(name, escaped)}:1,"":{},${stringLiteral(name, false)} :2,"":3}]`),
      ),
    ),
  // A field of the object itself once more, spelled otherwise and with a value that would be good.
  fc.boolean().map((escaped) => malformed((text) => repeatFirstKey(text, escaped))),
  fc
    .tuple(fc.nat(10_000), fc.constantFrom(...INVALID_UTF8))
    .map(([where, bytes]) => malformed((text) => insertBytes(text, where, bytes))),
  fc
    .constantFrom('utf16le' as const, 'latin1' as const)
    .map((encoding) =>
      malformed((text) => Buffer.from(encoding === 'latin1' ? `${text.slice(0, -1)},"\xe4":1}` : text, encoding)),
    ),
  fc.constant(malformed((text) => asText(`\ufeff${text}`))),
  fc
    .tuple(fc.integer({ min: MAX_DEPTH + 1, max: 600 }), fc.constantFrom(['[', ']'] as const, ['{"a":', '}'] as const))
    .map(([levels, [open, close]]) =>
      refused<Damage>((text) => withMember(text, `"x":${nested(levels, open, close)}`), 'content-too-large'),
    ),
  fc
    .constantFrom(MAX_BODY_BYTES + 1, MAX_BODY_BYTES + 2, 20_000, 70_000)
    .map((bytes) =>
      refused<Damage>((text) => asText(text + ' '.repeat(Math.max(0, bytes - text.length))), 'content-too-large'),
    ),
);

function repeatFirstKey(text: string, escaped: boolean): Buffer {
  const first = /^\{("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  if (first === undefined) return asText('{"a":1,"a":1}');
  const name = JSON.parse(first) as string;
  return withMember(text, `${stringLiteral(name, escaped)}:"1"`);
}

export const damage: Arbitrary<Choice<Damage>> = slot(fc.constant(well<Damage>(asText)), damages);

const GOOD_TYPES = ['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'];
const BAD_TYPES = [
  ...[
    'text/plain',
    '',
    'json',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/xml',
  ],
  ...['application/x-www-form-urlencoded', 'application/merge-patch+json', 'application/json, text/plain', '*/*'],
];

type HeaderLines = readonly (readonly [string, string])[];

function contentType(...types: readonly string[]): HeaderLines {
  return types.map((type) => ['Content-Type', type]);
}

export const contentTypes: Arbitrary<Choice<HeaderLines>> = slot(
  fc.constantFrom(...GOOD_TYPES).map((type) => well(contentType(type))),
  fc
    .oneof(
      fc.constantFrom(...BAD_TYPES).map((type) => contentType(type)),
      fc.constantFrom(contentType(), contentType('application/json', 'text/plain')),
    )
    .map((lines) => refused(lines, 'unsupported-media-type')),
);

const gzipped: readonly [string, string] = ['Content-Encoding', 'gzip'];

const goodSendings: Arbitrary<Choice<Sending>> = fc.constantFrom(
  ...[1, 2, 3, 4].map(() => well<Sending>({ headers: [], encode: (body) => body })),
  well<Sending>({ headers: [['Content-Encoding', 'identity']], encode: (body) => body }),
  well<Sending>({ headers: [gzipped], encode: (body) => gzipSync(body) }),
  well<Sending>({
    headers: [['Content-Encoding', 'X-GZIP']],
    encode: (body) => Buffer.concat([gzipSync(body.subarray(0, 5)), gzipSync(body.subarray(5))]),
  }),
);

const undecodable = (encode: (body: Buffer) => Buffer): Choice<Sending> =>
  // What stands there instead of gzip may be too large as well.
  refused<Sending>({ headers: [gzipped], encode }, 'malformed-request', 'content-too-large');

const badSendings: Arbitrary<Choice<Sending>> = fc.oneof(
  fc
    .constantFrom('br', 'deflate', 'zstd', 'gzip, gzip', 'gzip;q=1', 'nonsense', '*')
    .map((encoding) =>
      refused<Sending>({ headers: [['Content-Encoding', encoding]], encode: (body) => body }, 'unsupported-media-type'),
    ),
  fc.constantFrom(
    undecodable((body) => Buffer.concat([Buffer.from([0x7b]), body])),
    undecodable((body) => deflateSync(body)),
    undecodable((body) => Buffer.concat([gzipSync(body), Buffer.from('tea')])),
  ),
  fc.nat(10_000).map((where) =>
    undecodable((body) => {
      const whole = gzipSync(body);
      return whole.subarray(0, 1 + (where % (whole.length - 1)));
    }),
  ),
  fc.constant(
    refused<Sending>(
      { headers: [gzipped], encode: (body) => gzipSync(Buffer.concat([body, Buffer.alloc(50_000, ' ')])) },
      'content-too-large',
    ),
  ),
);

export const sendings: Arbitrary<Choice<Sending>> = slot(goodSendings, badSendings);

/** Null: with a Content-Length; otherwise in chunks of so many bytes. */
export const chunkings: Arbitrary<number | null> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 5000 }) },
);
