import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Service, ServiceBroker, ServiceSchema } from 'moleculer';
import { orderRoutes } from '../../http/routes.ts';
import { rest, type RestService } from '../../mixins/rest.mixin.ts';
import { callNodes, type CallNodes } from '../support/call-nodes.ts';
import { testKafkaBrokers } from '../support/database.ts';
import { send } from '../support/http-client.ts';
import { OPEN_DOOR } from '../support/tokens.ts';

/** Says something at once, and again when the call has gone on elsewhere for a while. */
const orders: ServiceSchema = {
  name: 'orders',
  actions: {
    async list(this: Service, ctx: Context<{ userId: string }>) {
      this.logger.warn(`asked for ${ctx.params.userId}`);
      await sleep(1);
      const items = await ctx.call('stock.count');
      this.logger.warn(`answering ${ctx.params.userId}`);
      return { items, nextCursor: null };
    },
  },
};

const stock: ServiceSchema = {
  name: 'stock',
  actions: {
    count(this: Service) {
      this.logger.warn('counting');
      return [];
    },
  },
};

/** The gateway, and the service two calls behind it, each a node of its own. */
async function gateway(nodes: CallNodes): Promise<ServiceBroker> {
  await nodes.start('orders-0', [orders]);
  await nodes.start('stock-0', [stock]);
  const door = rest({ host: '127.0.0.1', port: 0, routes: orderRoutes, requestTimeoutMs: 5000, access: OPEN_DOOR });
  const broker = await nodes.start('api-0', [{ name: 'api', mixins: [door] }]);
  await broker.waitForServices(['orders', 'stock']);
  return broker;
}

describe.each(['production', 'development'])('the log of %s', (environment) => {
  const lines: string[] = [];
  const log = new Writable({
    write: (text: Buffer, _encoding, done) => {
      lines.push(...text.toString().trimEnd().split('\n'));
      done();
    },
  });
  const nodes = callNodes(testKafkaBrokers(), { NODE_ENV: environment, AUTH: 'off', LOG_LEVEL: 'warn' }, log);
  let api: ServiceBroker;

  beforeAll(async () => {
    api = await gateway(nodes);
  });

  afterAll(async () => {
    await nodes.stopAll();
  });

  test('names the request in every line that its call makes another node write', async () => {
    const { port } = (api.getLocalService('api') as RestService).listener;
    const ask = (user: string): Promise<unknown> =>
      send(port, `/api/orders?userId=${user}`, { headers: { 'X-Request-ID': `id-of-${user}` } });
    await Promise.all([ask('alice'), ask('bob')]);

    for (const user of ['alice', 'bob']) {
      for (const said of [`asked for ${user}`, `answering ${user}`]) {
        const line = lines.find((each) => each.includes(said)) ?? '';
        if (environment === 'production') {
          expect(JSON.parse(line)).toMatchObject({ msg: said, requestId: `id-of-${user}`, nodeID: 'orders-0' });
        } else {
          expect(line).toContain(`orders-0: ${said} {"requestId":"id-of-${user}"}`);
        }
      }
      // Two calls away.
      expect(lines.filter((line) => line.includes('counting') && line.includes(`id-of-${user}`))).toHaveLength(1);
    }
  });

  test('names none in a line that is for no request', () => {
    api.logger.warn('by itself');
    const line = lines.find((each) => each.includes('by itself')) ?? '';
    expect(line).toMatch(/by itself/);
    expect(line).not.toMatch(/requestId|\[id-of|undefined/);
  });
});
