import type { TSchema } from '@sinclair/typebox';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { minorUnitsFromNumberSource } from '../../money/money.ts';

/**
 * Ajv for the contract's schemas. Its own `multipleOf` divides doubles and refuses 40.05; JSON Schema means the decimal
 * value. Formats are names for people here: every value that has one has a pattern, too.
 */
export function contractAjv(): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false, validateFormats: false });
  ajv.removeKeyword('multipleOf');
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate(divisor: number, value: number) {
      if (divisor !== 0.01) throw new Error(`This reader of schemas knows no multiples of ${divisor}.`);
      return minorUnitsFromNumberSource(String(value)) !== null;
    },
  });
  return ajv;
}

export function compile(schema: TSchema): ValidateFunction {
  return contractAjv().compile(schema);
}
