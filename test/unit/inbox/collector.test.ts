import { Collector } from '../../../mixins/inbox/collector.ts';
import { record } from './message.ts';

const places = (records: { partition: number; offset: bigint }[]) =>
  records.map(({ partition, offset }) => `${partition}/${offset}`);
const LARGE = 1_000_000;

test('what has arrived from all partitions is one batch, each partition in order', () => {
  const collector = new Collector();
  collector.add(0, [record(0, 5), record(0, 6), record(0, 7)]);
  collector.add(3, [record(3, 1)]);
  expect(places(collector.take({ maxRecords: 10, maxBytes: LARGE }))).toEqual(['0/5', '3/1', '0/6', '0/7']);
  expect(collector.size).toBe(0);
  expect(collector.nextOffsets()).toEqual(new Map());
});

test('a batch has no more records than allowed; the rest is the next one', () => {
  const collector = new Collector();
  collector.add(0, [record(0, 0), record(0, 1), record(0, 2)]);
  collector.add(1, [record(1, 0)]);
  expect(places(collector.take({ maxRecords: 3, maxBytes: LARGE }))).toEqual(['0/0', '1/0', '0/1']);
  expect(collector.size).toBe(1);
  expect(places(collector.take({ maxRecords: 3, maxBytes: LARGE }))).toEqual(['0/2']);
});

test('a batch has no more bytes than allowed, but always one record', () => {
  const collector = new Collector();
  const [first, second] = [record(0, 0), record(0, 1)];
  const size = (first.key?.length ?? 0) + (first.value?.length ?? 0);
  collector.add(0, [first, second]);
  expect(places(collector.take({ maxRecords: 10, maxBytes: size }))).toEqual(['0/0']);
  expect(places(collector.take({ maxRecords: 10, maxBytes: 1 }))).toEqual(['0/1']);
});

test('a partition can be taken alone', () => {
  const collector = new Collector();
  collector.add(0, [record(0, 0)]);
  collector.add(1, [record(1, 0), record(1, 1)]);
  expect(places(collector.take({ maxRecords: 1, maxBytes: LARGE }, 1))).toEqual(['1/0']);
  expect(collector.size).toBe(2);
});

test('nothing that waits is nothing to take', () => {
  expect(new Collector().take({ maxRecords: 10, maxBytes: LARGE })).toEqual([]);
});

test('an offset that is not to be reached ends a partition, and no other', () => {
  const collector = new Collector();
  collector.add(0, [record(0, 1), record(0, 2), record(0, 3)]);
  collector.add(1, [record(1, 7)]);
  const before = new Map([[0, 3n]]);
  expect(places(collector.take({ maxRecords: 10, maxBytes: LARGE, before }))).toEqual(['0/1', '1/7', '0/2']);
  expect(collector.nextOffsets()).toEqual(new Map([[0, 3n]]));
});
