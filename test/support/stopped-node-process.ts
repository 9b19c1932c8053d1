import type { Context } from 'moleculer';
import { ServiceBroker } from 'moleculer';
import { loadConfig } from '../../config/config.ts';
import { brokerOptions } from '../../moleculer.config.ts';

/** A node in a process of its own, for tests that stop it; it tells its parent what it ran. */
const config = loadConfig(process.env);
const broker = new ServiceBroker(brokerOptions(config, 'stopped-0'));
broker.createService({
  name: 'stopped',
  actions: {
    run(ctx: Context<{ id: string }>): void {
      process.send?.({ ran: ctx.params.id });
    },
  },
});
process.once('disconnect', () => {
  process.exit(0);
});
await broker.start();
process.send?.({ ready: true });
