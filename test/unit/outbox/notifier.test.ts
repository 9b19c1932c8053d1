import { Notifier } from '../../../mixins/outbox/notifier.ts';
import { eventually } from '../../support/eventually.ts';

test('a burst of commits becomes two notifications, the second after the last commit', async () => {
  const seen: number[] = [];
  let commits = 0;
  const notifier = new Notifier(() => {
    seen.push(commits);
    return Promise.resolve();
  });
  for (; commits < 1000; commits++) notifier.notify();
  await eventually(() => {
    expect(seen).toEqual([0, 1000]);
  });
});

test('a commit while a notification is under way is followed by another one', async () => {
  let finish: () => void = () => undefined;
  let sent = 0;
  const notifier = new Notifier(() => {
    sent++;
    return new Promise((resolve) => (finish = resolve));
  });
  notifier.notify();
  notifier.notify();
  expect(sent).toBe(1);
  finish();
  await eventually(() => {
    expect(sent).toBe(2);
  });
});
