import type { ReceivedEvent } from '../../events/event.ts';
import { recordMoves, startNode, type ParcelMoved } from './consuming-service.ts';

/**
 * A node in a process of its own, that a test may kill or stop. Its events tell it what to do: at `die` it kills
 * itself in the middle of the transaction, at `hold` it says so and stays in the transaction for a second. A message
 * names an action of its service to call.
 * Arguments: database URL, topic, partitions.
 */
const [databaseUrl = '', topic = '', partitions = ''] = process.argv.slice(2);

void startNode({
  databaseUrl,
  topic: { name: topic, partitions: Number(partitions) },
  async handle(events, context) {
    await recordMoves.call(this, events, context);
    for (const { data } of events as ReceivedEvent<ParcelMoved>[]) {
      if (data.to === 'die') process.kill(process.pid, 'SIGKILL');
      if (data.to === 'hold') {
        process.send?.('holding');
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  },
}).then(({ broker, service }) => {
  process.on('message', ({ action, params }: { action: string; params: object }) => {
    void broker.call(`${service.name}.${action}`, params);
  });
  process.send?.('started');
});
