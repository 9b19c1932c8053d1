import { Type } from '@sinclair/typebox';
import { encodeEnvelope, decodeEnvelope, EventSchemas } from '../../../events/envelope.ts';
import { defineEvent, nextVersion, type EventDefinition } from '../../../events/event.ts';
import { weighed, weighedV1, weighedV2 } from '../../support/weighings.ts';

const V1 = { parcel: 'a', grams: 700 };
const V2 = { ...V1, scale: 'north' };
const V3 = { ...V2, plusMinusGrams: 1 };

/** What a reader of `known` makes of data that was written as `dataschema`. */
function read(known: EventDefinition, dataschema: string, data: unknown) {
  const record = encodeEnvelope({
    eventId: '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293',
    source: '/test',
    type: weighed.type,
    dataschema,
    time: '2026-01-02T03:04:05.678Z',
    aggregateType: 'parcel',
    aggregateId: 'a',
    aggregateVersion: 1,
    traceparent: null,
    partitionKey: 'a',
    payload: JSON.stringify(data),
  });
  const decoded = decodeEnvelope(
    { ...record, key: Buffer.from(record.key), value: Buffer.from(record.value) },
    new EventSchemas([known]),
  );
  return decoded.kind === 'event' ? decoded.event.data : decoded;
}

test.each([
  ['the version before the last', weighed.dataschema, V3, V3],
  ['one version older', weighedV2.dataschema, V2, { ...V2, plusMinusGrams: 5 }],
  [
    'two versions older, through the one between',
    weighedV1.dataschema,
    V1,
    { ...V1, scale: 'the old one', plusMinusGrams: 50 },
  ],
])('a new reader is given %s as the newest', (_, dataschema, written, expected) => {
  expect(read(weighed, dataschema, written)).toEqual(expected);
});

test('an old reader takes what newer writers write, and finds the fields that it needs', () => {
  expect(read(weighedV1, weighed.dataschema, V3)).toEqual(V3);
  expect(read(weighedV2, weighed.dataschema, V3)).toEqual(V3);
});

test('what does not fit the version that it says it is, is poison, and the sentence names both versions', () => {
  expect(read(weighed, weighedV2.dataschema, V1)).toMatchObject({
    kind: 'poison',
    reason: 'schema-invalid',
    detail: "the data must have required property 'scale' (parcel.weighed/2 read as parcel.weighed/2)",
  });
  // A newer version that dropped a field should have been a new topic.
  expect(read(weighedV1, weighed.dataschema, { parcel: 'a', ounces: 25 })).toMatchObject({
    kind: 'poison',
    detail: "the data must have required property 'grams' (parcel.weighed/3 read as parcel.weighed/1)",
  });
});

test('an upcast that throws, or makes what its version does not allow, is poison and ends nothing', () => {
  const next = { dataschema: 'parcel.weighed/2', data: weighedV2.data };
  const throwing = nextVersion(weighedV1, next, () => {
    throw new Error('no such scale');
  });
  expect(read(throwing, weighedV1.dataschema, V1)).toMatchObject({
    kind: 'poison',
    detail: 'parcel.weighed/1 cannot be made into the next version: no such scale',
  });
  const wrong = nextVersion(weighedV1, next, (data) => ({ ...data, scale: 7 as unknown as string }));
  expect(read(wrong, weighedV1.dataschema, V1)).toMatchObject({ kind: 'poison', reason: 'schema-invalid' });
});

test('a writer may write any version that it knows, and each is checked by its own schema', () => {
  const schemas = new EventSchemas([weighed]);
  expect(schemas.check(weighedV1, V1)).toBeNull();
  expect(schemas.check(weighed, V3)).toBeNull();
  expect(schemas.check(weighed, V2)).toContain('plusMinusGrams');
  expect(schemas.check(defineEvent({ ...weighed, dataschema: 'parcel.weighed/4' }), V3)).toBe(
    'no schema is known for parcel.weighed (parcel.weighed/4)',
  );
});

test('two versions of one type are given by the newer one, and have two names', () => {
  expect(() => new EventSchemas([weighedV1, weighedV2])).toThrow('given twice');
  expect(() => nextVersion(weighedV1, { dataschema: weighedV1.dataschema, data: Type.Object({}) }, () => ({}))).toThrow(
    'count on',
  );
});
