import { EventSchemas } from '../../../events/envelope.ts';
import { parcelMoved } from '../../support/consuming-service.ts';
import { Assignment } from '../../../mixins/inbox/assignment.ts';
import { systemClock } from '../../../mixins/time/clock.ts';
import { consumerParts } from './consumer-parts.ts';
import { record } from './message.ts';

test.each([
  ['a record that it settles', [parcelMoved]],
  ['a record that it does not know', []],
])('an assignment that ends between its announcement and its transaction takes it back: %s', async (_what, known) => {
  const announced = Promise.withResolvers<undefined>();
  const statements: string[] = [];
  const store = {
    readMarkers: () => Promise.resolve([]),
    writeMarkers: () => {
      statements.push('announce');
      return announced.promise;
    },
    removeMarkers: (_topic: string, partitions: readonly number[]) => {
      statements.push(`take back ${partitions.join()}`);
      return Promise.resolve();
    },
    transaction: () => {
      statements.push('transaction');
      return Promise.resolve();
    },
  };
  const assignment = new Assignment(
    { ...consumerParts(systemClock, store), schemas: new EventSchemas(known) },
    'parcels',
    [0],
  );
  const delivered = assignment.deliver(0, [record(0, 1)]);
  await systemClock.nextTurn();
  await systemClock.nextTurn();
  const finished = assignment.finish();
  announced.resolve(undefined);
  await finished;
  assignment.release(null);
  await expect(delivered).resolves.toBe(false);
  expect(statements).toEqual(['announce', 'take back 0']);
});
