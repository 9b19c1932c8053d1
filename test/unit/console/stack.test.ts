import { stack } from '../../../console/web/stack.ts';

test('each area lies on the one below', () => {
  expect(
    stack([
      [1, 2],
      [10, 20],
      [100, 200],
    ]),
  ).toEqual([
    [1, 2],
    [11, 22],
    [111, 222],
  ]);
});

test('before anybody told anything there is a gap, and no line of zeros', () => {
  expect(
    stack([
      [null, 1],
      [null, null],
    ]),
  ).toEqual([
    [null, 1],
    [null, 1],
  ]);
});

test('a layer that nobody told of yet is flat as long as another one is known', () => {
  expect(
    stack([
      [null, null],
      [3, null],
    ]),
  ).toEqual([
    [0, null],
    [3, null],
  ]);
});
