import type { CreateOrderInput, DepositInput } from '../../../contract/inputs.ts';
import type { Account as AccountAnswer, LedgerEntry, Order as OrderAnswer } from '../../../contract/outputs.ts';
import type { OrderCreated } from '../../../events/order-created.ts';
import {
  decimalText,
  MAX_MINOR_UNITS,
  minorUnitsFromNumberSource,
  minorUnitsFromString,
} from '../../../money/money.ts';
import type { Order } from '../../../services/orders/order.ts';
import type { Account } from '../../../services/payments/payment.ts';

describe('an amount that came as a JSON number', () => {
  const readable: [string, bigint][] = [
    ['40.05', 4005n],
    ['10.500', 1050n],
    ['10.50000000000000000000000000000000000000000000000000000000000000000000', 1050n],
    ['1e1', 1000n],
    ['1E+1', 1000n],
    ['1e-2', 1n],
    ['100e-4', 1n],
    ['0.01', 1n],
    ['0.00001e3', 1n],
    ['0', 0n],
    ['-0', 0n],
    ['0.000', 0n],
    ['0e999999999', 0n],
    ['-40.05', -4005n],
    ['9999999999999.99', MAX_MINOR_UNITS],
    ['999999999999999e-2', MAX_MINOR_UNITS],
  ];
  test.each(readable)('%s is read by its exact decimal value', (source, minorUnits) => {
    expect(minorUnitsFromNumberSource(source)).toBe(minorUnits);
  });

  const refused = [
    '10.075',
    '0.001',
    '1e-3',
    '1e400',
    '1e-400',
    '1e99999999999999999999999999',
    '9007199254740993',
    '10000000000000',
    '9999999999999.999',
    '10000000000000.00',
  ];
  test.each(refused)('%s is refused rather than rounded', (source) => {
    expect(minorUnitsFromNumberSource(source)).toBeNull();
  });

  test.each(['', '-', '01', '1.', '.5', '+1', '1e', '0x10', 'NaN', 'Infinity', '1 ', '1n', '١'])(
    '%j is no JSON number',
    (source) => {
      expect(minorUnitsFromNumberSource(source)).toBeNull();
    },
  );

  test('a run of a million zeros takes linear time', () => {
    expect(minorUnitsFromNumberSource(`0.${'0'.repeat(1_000_000)}1`)).toBeNull();
    expect(minorUnitsFromNumberSource(`1${'0'.repeat(1_000_000)}1`)).toBeNull();
    expect(minorUnitsFromNumberSource(`1.${'0'.repeat(1_000_000)}`)).toBe(100n);
  });
});

describe('an amount that came as a string', () => {
  test.each([
    ['40.05', 4005n],
    ['40.5', 4050n],
    ['40', 4000n],
    ['0040', 4000n],
    ['0.01', 1n],
    ['9999999999999.99', MAX_MINOR_UNITS],
  ])('%s is read', (text, minorUnits) => {
    expect(minorUnitsFromString(text)).toBe(minorUnits);
  });

  test.each(['', ' 1', '1 ', '1\n', '1.', '.5', '1.005', '10.500', '1e1', '-1', '+1', '10000000000000', '1,5', '٤٠'])(
    '%j is refused',
    (text) => {
      expect(minorUnitsFromString(text)).toBeNull();
    },
  );
});

describe('decimal text', () => {
  test.each([
    [4005n, '40.05'],
    [4050n, '40.5'],
    [4000n, '40'],
    [1n, '0.01'],
    [0n, '0'],
    [-5n, '-0.05'],
    [-4005n, '-40.05'],
    [MAX_MINOR_UNITS, '9999999999999.99'],
  ])('%s minor units are written %s', (minorUnits, text) => {
    expect(decimalText(minorUnits)).toBe(text);
  });

  test('whatever is written is read again as the same amount, and survives a double', () => {
    let seed = 42n;
    for (let round = 0; round < 10_000; round++) {
      seed = (seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
      const minorUnits = seed % 10n ** ((seed % 15n) + 1n);
      const text = decimalText(minorUnits);
      expect(minorUnitsFromNumberSource(text)).toBe(minorUnits);
      expect(minorUnitsFromString(text)).toBe(minorUnits);
      expect(minorUnitsFromNumberSource(String(Number(text)))).toBe(minorUnits);
    }
  });
});

test('a number is no amount anywhere between wire and disk: it does not compile', () => {
  const number = 40.05;
  // @ts-expect-error a double is no amount
  const text = (): string => decimalText(number);
  // @ts-expect-error a double is no amount
  const inputs: [CreateOrderInput['amount'], DepositInput['amount']] = [number, number];
  // @ts-expect-error a double is no amount
  const placed: Order['amount'] = number;
  // @ts-expect-error a double is no amount
  const held: Account['balance'] = number;
  // @ts-expect-error a double is no amount
  const told: OrderCreated['amount'] = number;
  // @ts-expect-error a double is no amount
  const answered: OrderAnswer['amount'] = number;
  // @ts-expect-error a double is no amount
  const shown: AccountAnswer['balance'] = number;
  // @ts-expect-error a double is no amount
  const listed: LedgerEntry['balanceAfter'] = number;
  // tsc is what judges these lines; here they only have to be there.
  expect([inputs, placed, held, told, answered, shown, listed].flat()).toHaveLength(8);
  expect(text).toBeInstanceOf(Function);
});
