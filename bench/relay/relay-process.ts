import { MeasuredRelay, type Drained } from './measured-relay.ts';
import { readyTopic } from './ready-topic.ts';
import { work } from './worker.ts';

/** What a relay's process is asked: `drained` is answered as soon as so many more rows have left the outbox. */
export type RelayRequest =
  | { readonly kind: 'start'; readonly databaseUrl: string; readonly brokers: string }
  | { readonly kind: 'drain'; readonly rows: number }
  | { readonly kind: 'stop' };

let relay: MeasuredRelay | null = null;

/** The product's relay in a process of its own. */
work(async (request: RelayRequest): Promise<Drained | null> => {
  if (request.kind === 'start') {
    const { databaseUrl, brokers } = request;
    relay = new MeasuredRelay(databaseUrl, brokers, await readyTopic(brokers, 'relay'));
    relay.start();
  } else if (request.kind === 'drain') {
    return (await relay?.untilDrained(request.rows)) ?? null;
  } else await relay?.stop();
  return null;
});
