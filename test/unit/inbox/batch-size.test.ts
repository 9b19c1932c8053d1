import { BatchSize } from '../../../mixins/inbox/batch-size.ts';
import { SettledOffsets } from '../../../mixins/inbox/settled-offsets.ts';

test('a transaction that holds its locks for more than 50 ms halves the next one, down to 200', () => {
  const size = new BatchSize();
  expect(size.current).toBe(200);
  for (let batch = 0; batch < 100; batch++) size.observe(size.current, 50);
  expect(size.current).toBe(1000);
  size.observe(1000, 51);
  expect(size.current).toBe(500);
  for (let batch = 0; batch < 10; batch++) size.observe(size.current, 500);
  expect(size.current).toBe(200);
});

test('full and quick transactions let it grow, slowly, up to 1000; small ones say nothing', () => {
  const size = new BatchSize();
  size.observe(10, 2);
  expect(size.current).toBe(200);
  size.observe(200, 50);
  expect(size.current).toBe(230);
  for (let batch = 0; batch < 100; batch++) size.observe(size.current, 5);
  expect(size.current).toBe(1000);
});

test('what to commit is the offset after the last settled one, once', () => {
  const offsets = new SettledOffsets();
  offsets.note(0, 4n);
  offsets.note(1, 9n);
  offsets.note(0, 5n);
  const pending = offsets.pending();
  expect(pending).toEqual([
    { partition: 0, offset: '6' },
    { partition: 1, offset: '10' },
  ]);
  offsets.note(0, 6n);
  offsets.committed(pending);
  expect(offsets.pending()).toEqual([{ partition: 0, offset: '7' }]);
});
