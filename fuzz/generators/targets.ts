import fc, { type Arbitrary } from 'fast-check';
import { anyText, freshUserId, userIdNeighbour } from './json-values.ts';
import { refused, slot, well, type Choice } from './slots.ts';

/** Paths and queries: what they mean, and how they are spelled. */

/** One parameter of a query; null where it does not decode. */
export interface Parameter {
  readonly source: string;
  readonly decoded: { readonly name: string; readonly value: string } | null;
}

/** What may stand in a target as it is, and means itself. */
const PLAIN = /^[A-Za-z0-9._~:@-]$/;

/** @param every also encodes what may stand there as it is */
export function percentEncoded(text: string, every: boolean): string {
  return Array.from(text.toWellFormed())
    .map((character) => (!every && PLAIN.test(character) ? character : encoded(character)))
    .join('');
}

function encoded(character: string): string {
  return [...Buffer.from(character, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function parameter(name: string, value: string, spelling: number): Parameter {
  const every = spelling === 9;
  const blank = (text: string): string => (spelling === 8 ? text.replaceAll('%20', '+') : text);
  return {
    source: blank(`${percentEncoded(name, every)}=${percentEncoded(value, every)}`),
    decoded: { name: name.toWellFormed(), value: value.toWellFormed() },
  };
}

const undecodable: Arbitrary<Parameter> = fc
  .constantFrom('%', 'a=%', '%zz=1', 'a=%f', 'userId=%ff', 'limit=%c0%80', 'a=%ed%a0%80', '%e2%82=1')
  .map((source) => ({ source, decoded: null }));

/** Names with brackets and the like are names like any other. */
const oddParameter: Arbitrary<Parameter> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(
        'userId[]',
        'userId[$ne]',
        '__proto__',
        '__proto__[x]',
        'constructor',
        'sort',
        'USERID',
        'Limit',
        '',
      ),
      anyText,
    ),
    anyText,
    fc.nat(9),
  )
  .map(([name, value, spelling]) => parameter(name, value, spelling));

/** A named parameter: mostly once, sometimes missing where it may be, seldom twice. */
export function named(name: string, values: Arbitrary<string>, usual: number): Arbitrary<readonly Parameter[]> {
  const one = fc.tuple(values, fc.nat(15)).map(([value, spelling]) => parameter(name, value, spelling));
  return fc.oneof(
    { weight: usual, arbitrary: one.map((single) => [single]) },
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(one, one) },
  );
}

/** Parameters that no call takes: mostly none. */
export const strayParameters: Arbitrary<readonly Parameter[]> = fc.oneof(
  { weight: 12, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.oneof({ weight: 3, arbitrary: oddParameter }, { weight: 1, arbitrary: undecodable }), {
      minLength: 1,
      maxLength: 3,
    }),
  },
);

export const limits = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 200 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0', '201', '-1', '1e9', '1e1', '5.0', '05', ' 5', '5 ', '', '9007199254740993'),
  },
  { weight: 1, arbitrary: anyText },
);

export const statuses = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('NEW', 'FINISHED', 'CANCELLED') },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom('new', 'PAID', '', 'NEW '), anyText) },
);

/** None of them was ever given out. */
export const forgedCursors = fc.oneof(
  fc.constantFrom('', 'forged', '%00', '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293', 'A'.repeat(201)),
  fc.base64String({ maxLength: 60 }),
  anyText,
);

/** @param known ids that the world has */
export function userIdTexts(known: Arbitrary<string>): Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: known },
    { weight: 2, arbitrary: freshUserId },
    { weight: 1, arbitrary: userIdNeighbour.map((text) => text.toWellFormed()) },
  );
}

/** A segment of a path that names something; an empty one would be another path. */
export function segment(texts: Arbitrary<string>): Arbitrary<{ readonly text: string; readonly source: string }> {
  return fc
    .tuple(
      texts.filter((text) => text !== ''),
      fc.nat(9),
    )
    .map(([text, spelling]) => ({ text: text.toWellFormed(), source: percentEncoded(text, spelling === 9) }));
}

const SOME_ORDER_ID = '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293';

export function orderIdTexts(known: Arbitrary<string>): Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: known },
    { weight: 1, arbitrary: known.map((id) => id.toUpperCase()) },
    { weight: 3, arbitrary: fc.uuid() },
    {
      weight: 2,
      arbitrary: fc.oneof(
        fc.constantFrom(
          '1',
          'not-a-uuid',
          SOME_ORDER_ID.replaceAll('-', ''),
          `{${SOME_ORDER_ID}}`,
          `${SOME_ORDER_ID}0`,
        ),
        fc.constantFrom(`${SOME_ORDER_ID}\0`, SOME_ORDER_ID.replace('0', 'g'), SOME_ORDER_ID.slice(1), '..', 'events'),
        anyText,
      ),
    },
  );
}

/** The method of a call that reads. */
export const readMethods = fc.oneof(
  { weight: 9, arbitrary: fc.constant('GET') },
  { weight: 1, arbitrary: fc.constant('HEAD') },
);

const ORIGINS = ['http://shop.example', 'HTTP://127.0.0.1:8080', 'https://a.example'];

/** Before the path: mostly nothing. */
export const origins: Arbitrary<string> = fc.oneof(
  { weight: 19, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(...ORIGINS) },
);

/** How a request names its version and its host. */
export const versions: Arbitrary<Choice<readonly string[]>> = slot(
  fc.constantFrom<Choice<readonly string[]>>(
    well(['HTTP/1.1', 'Host: shop.example']),
    well(['HTTP/1.1', 'Host: 127.0.0.1:8080']),
    well(['HTTP/1.1', 'host:']),
    well(['HTTP/1.0', 'Connection: keep-alive']),
    well(['HTTP/1.0', 'Connection: keep-alive', 'Host: x']),
  ),
  fc.constantFrom<Choice<readonly string[]>>(
    refused(['HTTP/1.1'], 'malformed-request'),
    refused(['HTTP/1.1', 'Host: a', 'Host: b'], 'malformed-request'),
    refused(['HTTP/1.1', 'Host: a', 'Host: a'], 'malformed-request'),
    refused(['HTTP/2.0', 'Host: a'], 'malformed-request'),
  ),
);
