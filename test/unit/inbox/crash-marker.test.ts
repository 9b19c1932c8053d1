import { CrashMarkers } from '../../../mixins/inbox/crash-marker.ts';
import type { CrashMarker, InboxStore } from '../../../mixins/inbox/inbox-store.ts';
import type { ArrivedRecord } from '../../../mixins/inbox/record.ts';

const PARTITION = 3;
const record = (offset: bigint): ArrivedRecord => ({ partition: PARTITION, offset }) as unknown as ArrivedRecord;

/** Markers, after a node died with the records 100 to 120. */
async function afterDeath(): Promise<{ markers: CrashMarkers<null>; written: CrashMarker[] }> {
  const written: CrashMarker[] = [];
  const left: CrashMarker = {
    partition: PARTITION,
    firstOffset: 100n,
    lastOffset: 120n,
    aloneOffset: null,
    attempts: 0,
  };
  const store = {
    readMarkers: () => Promise.resolve([left]),
    writeMarkers: (_topic: string, markers: readonly CrashMarker[]) => {
      written.push(...markers);
      return Promise.resolve();
    },
  } as unknown as InboxStore<null>;
  const markers = new CrashMarkers<null>(store, 'parcels', [PARTITION]);
  await markers.read([PARTITION]);
  return { markers, written };
}

test('a group that was set back meets what comes before the suspects in whole batches, up to them', async () => {
  const { markers } = await afterDeath();
  expect(markers.suspect(new Map([[PARTITION, 0n]]))).toBeUndefined();
  expect(markers.suspectFrom()).toEqual(new Map([[PARTITION, 100n]]));
  expect(markers.suspect(new Map([[PARTITION, 100n]]))).toBe(PARTITION);
});

test('a death among them makes these suspect too, and keeps the others so', async () => {
  const { markers, written } = await afterDeath();
  await markers.announce([record(40n), record(41n)]);
  expect(written).toEqual([
    { partition: PARTITION, firstOffset: 40n, lastOffset: 120n, aloneOffset: null, attempts: 0 },
  ]);
});

test('a suspect is announced alone, and its deaths are counted', async () => {
  const { markers, written } = await afterDeath();
  await markers.announce([record(100n)]);
  expect(written).toEqual([
    { partition: PARTITION, firstOffset: 100n, lastOffset: 120n, aloneOffset: 100n, attempts: 1 },
  ]);
});
