import { benchBroker, type Transport } from './node.ts';

/** The node that is called: answers with what it was sent. Started by `pair.ts`. */
const [transport = 'ours', address = ''] = process.argv.slice(2);
const broker = benchBroker(transport as Transport, 'callee', address);
broker.createService({ name: 'callee', actions: { echo: (ctx): unknown => ctx.params } });
process.once('disconnect', () => {
  process.exit(0);
});
await broker.start();
process.send?.({ ready: true });
