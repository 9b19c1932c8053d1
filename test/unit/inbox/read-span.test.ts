import { spanOf, type PartitionOffsets, type SpanRequest } from '../../../mixins/inbox/replay/read-span.ts';

const ALL: SpanRequest = { from: null, to: null, fromOffset: null, toOffset: null, partitions: null };
const OFFSETS: PartitionOffsets[] = [
  { partition: 0, low: 10n, high: 100n, atFrom: null, atTo: null },
  { partition: 1, low: 0n, high: 0n, atFrom: null, atTo: null },
];
const spansOf = (request: Partial<SpanRequest>, offsets = OFFSETS) =>
  spanOf({ ...ALL, ...request }, 'things.v1', offsets).map(({ partition, first, end }) => [partition, first, end]);

test('without bounds a span is what Kafka has', () => {
  expect(spansOf({})).toEqual([
    [0, 10n, 100n],
    [1, 0n, 0n],
  ]);
});

test('offsets outside of what Kafka has are moved to where it begins and ends', () => {
  expect(spansOf({ fromOffset: '3', toOffset: '500', partitions: [0] })).toEqual([[0, 10n, 100n]]);
  expect(spansOf({ fromOffset: '20', toOffset: '30', partitions: [0] })).toEqual([[0, 20n, 30n]]);
});

test('a span that ends before it begins is empty', () => {
  expect(spansOf({ fromOffset: '50', toOffset: '20', partitions: [0] })).toEqual([[0, 50n, 50n]]);
});

test('times are where Kafka says that they lie', () => {
  const [zero] = OFFSETS;
  const offsets = [{ ...zero, partition: 0, low: 10n, high: 100n, atFrom: 40n, atTo: 60n }];
  expect(spansOf({}, offsets)).toEqual([[0, 40n, 60n]]);
});

test('a partition that the topic does not have is an error', () => {
  expect(() => spansOf({ partitions: [2] })).toThrow('things.v1 has no partition 2');
});
