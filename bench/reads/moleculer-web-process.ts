import { ServiceBroker, type Context } from 'moleculer';
import ApiGateway from 'moleculer-web';

/**
 * moleculer-web alone, as quick as it can be told to be, with a local action that answers what it was given, under the id
 * that was asked for. Started by `start-moleculer-web.ts`.
 */
const [port = '', order = '{}'] = process.argv.slice(2);
const broker = new ServiceBroker({ logger: false });
const answer = JSON.parse(order) as object;
broker.createService({
  name: 'orders',
  actions: {
    live: (): object => ({ status: 'live' }),
    show: ({ params }: Context<{ orderId: string }>): object => ({ ...answer, orderId: params.orderId }),
  },
});
broker.createService({
  name: 'api',
  mixins: [ApiGateway],
  settings: {
    port: Number(port),
    ip: '127.0.0.1',
    logRequest: null,
    logRequestParams: null,
    logResponse: null,
    routes: [
      {
        path: '/api',
        mappingPolicy: 'restrict',
        bodyParsers: false,
        aliases: { 'GET orders/:orderId': 'orders.show' },
      },
      // What a load asks on each connection before it begins.
      { path: '/health', mappingPolicy: 'restrict', aliases: { 'GET live': 'orders.live' } },
    ],
  },
});
process.once('disconnect', () => {
  process.exit();
});
await broker.start();
process.send?.('ready');
