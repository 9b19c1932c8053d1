import { Stall } from '../../../mixins/inbox/stall.ts';

test('records that wait at two looks, with nothing settled between, have waited since the first', () => {
  const stall = new Stall();
  stall.look(1000, 5, 3);
  // Offsets that are not committed yet look the same.
  expect(stall.lastsMs(4000, 5)).toBe(0);
  stall.look(11_000, 5, 3);
  expect(stall.lastsMs(12_000, 5)).toBe(11_000);
});

test('whoever settles something, or has nothing left, does not stand still', () => {
  const stall = new Stall();
  stall.look(1000, 5, 3);
  stall.look(11_000, 5, 3);
  expect(stall.lastsMs(12_000, 6)).toBe(0);
  stall.look(21_000, 6, 3);
  expect(stall.lastsMs(22_000, 6)).toBe(0);
  stall.look(31_000, 6, 0);
  expect(stall.lastsMs(32_000, 6)).toBe(0);
});
