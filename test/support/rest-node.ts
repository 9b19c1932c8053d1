import { ServiceBroker, Transporters, type Context, type ServiceSchema } from 'moleculer';
import type { ContractRoute } from '../../http/route.ts';
import { orderRoutes, paymentRoutes } from '../../http/routes.ts';
import { liveOrders, type LiveOrdersMixinOptions, type LiveOrdersService } from '../../mixins/live-orders.mixin.ts';
import { rest, type RestOptions, type RestService } from '../../mixins/rest.mixin.ts';
import { OPEN_DOOR } from './tokens.ts';

export const ORDER_ID = '0193b5a0-7c1e-7a2b-8c3d-4e5f60718293';
const ENTRY_ID = '0193b5a0-7c1e-7a2b-8c3d-4e5f60718294';
const NOW = '2026-01-02T03:04:05.678Z';

type Answers = Record<string, (ctx: Context<Record<string, unknown>>) => unknown>;

/** Stand-ins that echo what they were called with. */
const ECHOES: Answers = {
  'orders.create': ({ params }) => ({
    orderId: ORDER_ID,
    ...params,
    status: 'NEW',
    reason: null,
    version: 1,
    ...times(),
  }),
  'orders.list': ({ params }) => ({ items: [order(params)], nextCursor: 'next' }),
  'orders.show': ({ params }) => order(params),
  'orders.statuses': () => [],
  'payments.openAccount': ({ params }) => ({ ...params, balance: '0', version: 0, ...times() }),
  'payments.deposit': ({ params }) => ({ userId: params.userId, balance: params.amount, version: 1, ...times() }),
  'payments.entries': ({ params }) => ({ items: [entry(params)], nextCursor: 'next' }),
  'payments.balance': ({ params }) => ({ ...params, balance: '9999999999999.99', version: 3, ...times() }),
};

function times(): object {
  return { createdAt: NOW, updatedAt: NOW };
}

function order(params: object): object {
  return {
    orderId: ORDER_ID,
    userId: 'alice',
    amount: '40.05',
    description: null,
    status: 'NEW',
    reason: null,
    version: 1,
    ...times(),
    ...params,
  };
}

function entry({ userId }: Record<string, unknown>): object {
  return {
    entryId: ENTRY_ID,
    userId,
    kind: 'payment',
    amount: '-40.05',
    balanceAfter: '9999999999999.99',
    version: 3,
    orderId: ORDER_ID,
    createdAt: NOW,
  };
}

export interface RestNode {
  readonly broker: ServiceBroker;
  readonly service: RestService & LiveOrdersService;
  readonly port: number;
  /** Every call that reached an action. */
  readonly calls: { readonly action: string; readonly params: unknown; readonly requestId: unknown }[];
}

/** A node with the REST door and stand-in services behind it, not yet started; without Kafka and databases. */
export function restNode(
  answers: Answers = {},
  options: Partial<RestOptions & LiveOrdersMixinOptions> = {},
  transporter: WaitingTransporter | null = null,
): Omit<RestNode, 'port'> {
  const calls: RestNode['calls'] = [];
  // Its own times: no local delay before a stop.
  const broker = new ServiceBroker({
    transporter,
    logger: false,
    registry: { stopDelay: 0 },
    tracking: { enabled: true, shutdownTimeout: 5000 },
  });
  for (const name of ['orders', 'payments']) broker.createService(standIn(name, { ...ECHOES, ...answers }, calls));
  const routes: readonly ContractRoute[] = [...orderRoutes, ...paymentRoutes];
  const service = broker.createService({
    name: 'door',
    mixins: [
      rest({
        host: '127.0.0.1',
        port: 0,
        routes,
        requestTimeoutMs: 5000,
        access: OPEN_DOOR,
        ...options,
      }),
      liveOrders({ requestTimeoutMs: 5000, ...options }),
    ],
  }) as RestNode['service'];
  return { broker, service, calls };
}

/** A transporter to a cluster that is reached only when a test says so. */
export class WaitingTransporter extends Transporters.Fake {
  readonly #reached: Promise<void>;

  constructor(reached: Promise<void>) {
    super({});
    this.#reached = reached;
  }

  override async connect(): Promise<void> {
    await this.#reached;
    await super.connect();
  }
}

export async function startRestNode(
  answers: Answers = {},
  options: Partial<RestOptions & LiveOrdersMixinOptions> = {},
): Promise<RestNode> {
  const node = restNode(answers, options);
  await node.broker.start();
  return { ...node, port: node.service.listener.port };
}

/** One node for all tests of a file; what was called is forgotten before each of them. To be used in tests alone. */
export function nodeOfThisFile(): RestNode {
  let started: RestNode | undefined;
  beforeAll(async () => {
    started = await startRestNode();
  });
  beforeEach(() => {
    running().calls.length = 0;
  });
  afterAll(async () => {
    await started?.broker.stop();
  });
  const running = (): RestNode => {
    if (started === undefined) throw new Error('The node starts before the first test.');
    return started;
  };
  return {
    get broker() {
      return running().broker;
    },
    get service() {
      return running().service;
    },
    get calls() {
      return running().calls;
    },
    get port() {
      return running().port;
    },
  };
}

function standIn(name: string, answers: Answers, calls: RestNode['calls']): ServiceSchema {
  const actions: ServiceSchema['actions'] = {};
  for (const [action, answer] of Object.entries(answers)) {
    if (!action.startsWith(`${name}.`)) continue;
    actions[action.slice(name.length + 1)] = (ctx: Context<Record<string, unknown>, { requestId?: unknown }>) => {
      calls.push({ action, params: ctx.params, requestId: ctx.meta.requestId });
      return answer(ctx);
    };
  }
  return { name, actions };
}
