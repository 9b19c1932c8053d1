import { Type } from '@sinclair/typebox';
import { defineEvent, nextVersion } from '../../events/event.ts';

/**
 * An event type that has grown: a scale that said grams, then what it weighs in as well, then how sure it is.
 * Each version keeps the fields of the one before, so that a reader of it still finds what it needs.
 */
export const weighedV1 = defineEvent({
  type: 'parcel.weighed',
  dataschema: 'parcel.weighed/1',
  aggregateType: 'parcel',
  data: Type.Object({ parcel: Type.String(), grams: Type.Integer() }),
});

export const weighedV2 = nextVersion(
  weighedV1,
  {
    dataschema: 'parcel.weighed/2',
    data: Type.Object({ parcel: Type.String(), grams: Type.Integer(), scale: Type.String() }),
  },
  // What version 1 did not say was so: there was one scale.
  (data) => ({ ...data, scale: 'the old one' }),
);

export const weighed = nextVersion(
  weighedV2,
  {
    dataschema: 'parcel.weighed/3',
    data: Type.Object({
      parcel: Type.String(),
      grams: Type.Integer(),
      scale: Type.String(),
      plusMinusGrams: Type.Integer({ minimum: 0 }),
    }),
  },
  (data) => ({ ...data, plusMinusGrams: data.scale === 'the old one' ? 50 : 5 }),
);
