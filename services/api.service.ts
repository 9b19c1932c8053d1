import type { Service, ServiceBroker, ServiceSchema } from 'moleculer';
import { doorAccess, loadConfig, type Config } from '../config/config.ts';
import { orderRoutes, paymentRoutes } from '../http/routes.ts';
import { console, doorConsole } from '../mixins/console.mixin.ts';
import { figures } from '../mixins/figures.mixin.ts';
import { liveOrders } from '../mixins/live-orders.mixin.ts';
import { rest } from '../mixins/rest.mixin.ts';

/**
 * The gateway: every call of the system at one address, and the operator's console. It depends on no service: a call to one that is away is answered
 * 503, and all others go on.
 */
export function apiService(config: Config): ServiceSchema {
  return {
    name: 'api',
    mixins: [
      rest({
        host: config.http.host,
        port: config.http.apiPort,
        routes: [...orderRoutes, ...paymentRoutes],
        requestTimeoutMs: config.requestTimeoutMs,
        access: doorAccess(config.access),
        console: doorConsole(config),
      }),
      liveOrders({ requestTimeoutMs: config.requestTimeoutMs }),
      console(config),
      figures(),
    ],
  };
}

export default (broker: ServiceBroker): Service => broker.createService(apiService(loadConfig(process.env)));
