import { benchBroker, type Variant } from './node.ts';

/** The node that is called: answers with what it was sent. Started by `callers.ts`. */
const [variant = 'ours', kafka = ''] = process.argv.slice(2);
const broker = benchBroker(variant as Variant, 'callee', kafka);
broker.createService({ name: 'callee', actions: { echo: (ctx): unknown => ctx.params } });
process.once('disconnect', () => {
  process.exit(0);
});
await broker.start();
process.send?.({ ready: true });
