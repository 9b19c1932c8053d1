import fc, { type Arbitrary } from 'fast-check';
import { refused, slot, well, type Choice } from './slots.ts';

/** The headers of a request that its body does not decide. */

type HeaderLines = readonly (readonly [string, string])[];

const TOKEN = fc.string({ unit: fc.constantFrom(...Array.from('abcxyz019-+.')), minLength: 1, maxLength: 12 });

/** @param mediaType what is answered in */
export function accepts(mediaType: string): Arbitrary<Choice<HeaderLines>> {
  const range = mediaType.replace(/\/.*/, '/*');
  const upper = mediaType.replace('a', 'A').replace('t', 'T');
  const good = [
    '*/*',
    mediaType,
    range,
    upper,
    `image/png, */*;q=0.1`,
    `${mediaType};q=0.001`,
    `*/*;q=0, ${mediaType}`,
  ];
  const bad = ['image/png', `${mediaType};q=0`, '*/*;q=0', `${mediaType};q=0.000, */*`, `${range};q=0, */*`, 'image/*'];
  return slot(
    fc.constantFrom<Choice<HeaderLines>>(well([]), ...good.map((value) => well([['Accept', value]] as const))),
    fc
      .oneof(
        fc.constantFrom(...bad),
        fc.tuple(TOKEN, TOKEN).map(([type, subtype]) => `x-${type}/${subtype}`),
      )
      .map((value) => refused([['Accept', value]] as const, 'not-acceptable')),
  );
}

export interface RequestIdHeader {
  readonly lines: HeaderLines;
  /** Comes back; null when there is a fresh one instead. */
  readonly kept: string | null;
}

const requestIdText = fc.string({
  unit: fc.constantFrom(...Array.from('abcXYZ019._:@/+=-')),
  minLength: 1,
  maxLength: 128,
});

/** Never refused: one that is not well-formed is replaced. */
export const requestIds: Arbitrary<RequestIdHeader> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<RequestIdHeader>({ lines: [], kept: null }) },
  { weight: 4, arbitrary: requestIdText.map((id): RequestIdHeader => ({ lines: [['X-Request-ID', id]], kept: id })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('', 'a b', '<script>', 'x'.repeat(129), '\xe4', '"quoted"')
      .map((id): RequestIdHeader => ({ lines: [['X-Request-ID', id]], kept: null })),
  },
);

/** Headers that nothing here reads, or that change nothing for who reads them. */
export const idleHeaders: Arbitrary<HeaderLines> = fc.array(
  fc.oneof(
    fc.constantFrom<readonly [string, string]>(
      ['X-Correlation-ID', 'other'],
      ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Forwarded-For', '127.0.0.1, ::1'],
      ['Forwarded', 'for=unknown;host="evil.example"'],
      ['Cookie', '__proto__=1; a=b'],
      ['Accept-Encoding', 'br;q=1.0, *;q=0'],
      ['Accept-Charset', 'utf-16'],
      ['Range', 'bytes=0-1'],
      ['Upgrade', 'h2c'],
      ['Expect', 'miracles'],
      ['Origin', 'null'],
      ['Referer', 'https://elsewhere.example/'],
    ),
    fc
      .tuple(TOKEN, fc.string({ unit: 'grapheme-ascii', maxLength: 40 }))
      .map(([name, value]) => [`X-${name}`, value.trim()] as const),
  ),
  { maxLength: 3 },
);

const goodKey = fc.oneof(
  { weight: 4, arbitrary: fc.constant(well<HeaderLines>([])) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.uuid(), fc.boolean())
      .map(([key, quoted]) => well<HeaderLines>([['Idempotency-Key', quoted ? `"${key}"` : key]])),
  },
);
const badKey = fc
  .constantFrom<HeaderLines>(
    [['Idempotency-Key', '']],
    [['Idempotency-Key', '""']],
    [['Idempotency-Key', '"a']],
    [['Idempotency-Key', '\xe4\xb6']],
    [['Idempotency-Key', 'x'.repeat(256)]],
    [
      ['Idempotency-Key', 'a'],
      ['Idempotency-Key', 'b'],
    ],
  )
  .map((lines): Choice<HeaderLines> => refused(lines, 'invalid-input'));

/** Each key is a new one: the same one again is another subject. */
export const idempotencyKeys = slot(goodKey, badKey);
