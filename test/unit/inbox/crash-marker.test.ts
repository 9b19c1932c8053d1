import { CrashMarkers } from '../../../mixins/inbox/crash-marker.ts';
import type { CrashMarker, InboxStore } from '../../../mixins/inbox/inbox-store.ts';
import type { ArrivedRecord } from '../../../mixins/inbox/record.ts';

const PARTITION = 3;
const record = (offset: bigint): ArrivedRecord => ({ partition: PARTITION, offset }) as unknown as ArrivedRecord;

/** Markers, after a node died with some records in its hands. */
async function afterDeath(lastOffset: bigint) {
  const done: string[] = [];
  const left: CrashMarker = { partition: PARTITION, firstOffset: 100n, lastOffset, aloneOffset: null, attempts: 0 };
  const note =
    (what: string) =>
    (_topic: string, ...parts: unknown[]): Promise<void> => {
      done.push(`${what} ${parts.slice(0, -1).join(' ')}`);
      return Promise.resolve();
    };
  const store = {
    readMarkers: () => Promise.resolve([left]),
    writeMarkers: (_topic: string, markers: readonly CrashMarker[]) => {
      for (const { firstOffset, lastOffset, aloneOffset, attempts } of markers) {
        done.push(`announce ${firstOffset}-${lastOffset} alone ${aloneOffset ?? 'none'} attempts ${attempts}`);
      }
      return Promise.resolve();
    },
    advanceMarker: note('advance'),
    removeMarkers: note('remove'),
    forgiveMarkers: (_topic: string, partitions: readonly number[]) => note('forgive')('', partitions, null),
  } as unknown as InboxStore<null>;
  const markers = new CrashMarkers<null>(store, 'parcels', [PARTITION]);
  await markers.read([PARTITION]);
  const next = (offset: bigint) => markers.suspect(new Map([[PARTITION, offset]]));
  return { markers, next, done };
}

const [FEW, MANY] = [120n, 1000n];

test('a group that was set back meets what comes before the suspects in whole batches, up to them', async () => {
  const { markers, next, done } = await afterDeath(FEW);
  expect(next(0n)).toBeUndefined();
  expect(markers.suspectFrom()).toEqual(new Map([[PARTITION, 100n]]));
  expect(next(100n)).toEqual({ partition: PARTITION, maxRecords: 1 });
  await markers.announce([record(40n), record(41n)]);
  await markers.withdrawSettled([record(40n), record(41n)], null);
  expect(done).toEqual(['announce 40-41 alone none attempts 0', 'remove 3']);
});

test('a suspect of few goes alone, its deaths are counted, and what follows it stays marked', async () => {
  const { markers, next, done } = await afterDeath(FEW);
  await markers.announce([record(100n)]);
  await markers.withdrawSettled([record(100n)], null);
  markers.settled([record(100n)]);
  expect(next(101n)).toEqual({ partition: PARTITION, maxRecords: 1 });
  await markers.announce([record(101n)]);
  await markers.withdrawUnsettled([record(101n)]);
  expect(done).toEqual([
    'announce 100-120 alone 100 attempts 1',
    'advance 3 101',
    'announce 101-120 alone 101 attempts 1',
    'forgive 3',
  ]);
  markers.settled([record(120n)]);
  expect(next(121n)).toBeUndefined();
});

test('suspects of many go in groups, and a death among these makes them few', async () => {
  const { markers, next, done } = await afterDeath(MANY);
  expect(next(100n)).toEqual({ partition: PARTITION, maxRecords: 32 });
  const group = Array.from({ length: 32 }, (_, index) => record(100n + BigInt(index)));
  await markers.announce(group);
  await markers.withdrawUnsettled(group);
  await markers.announce(group);
  await markers.withdrawSettled(group, null);
  markers.settled(group);
  expect(done).toEqual([
    'announce 100-131 alone none attempts 0',
    'remove 3',
    'announce 100-131 alone none attempts 0',
    'remove 3',
  ]);
  expect(next(132n)).toEqual({ partition: PARTITION, maxRecords: 32 });
});
