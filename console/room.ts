import type { BrowsedAccounts, BrowsedOrders, CheckedAccount } from '../contract/browse.ts';
import type { ActReport, LetterGroup, LettersPage, ListedAct } from '../contract/dead-letters.ts';
import { RINGS, type RingName } from '../contract/figures.ts';
import type { ConsumersState, OutboxState } from '../contract/node-states.ts';
import type { Account, LedgerEntry, Order, Page } from '../contract/outputs.ts';
import type { OrderStory } from '../contract/story.ts';
import { USER_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.ts';
import { CallFailed } from '../http/answer-call.ts';
import { isProblem, problem } from '../problems/problems.ts';
import type {
  About,
  AccountWithEntries,
  AuditAnswer,
  Cluster,
  ClusterNode,
  DeadLetterGroups,
  FlowRow,
  FlowTable,
  Found,
  LetterActs,
  Overview,
  Pipeline,
  ServiceGroups,
  ToldOrder,
} from './answers.ts';
import { sentenceOf, type Ask } from './ask.ts';
import { FLOW_COLUMNS } from './flow.ts';
import { OverviewReader, STUCK_AFTER_S } from './overview.ts';
import { Tabs } from './tabs.ts';
import { BEHIND_S, Watch } from './watch.ts';

type Query = Readonly<Record<string, string | string[]>>;

export interface RoomOptions {
  readonly ask: Ask;
  readonly about: Omit<About, 'nodeId'>;
  readonly logger: { warn(text: string): void };
}

/** A replay or a discard is up to one step of seconds; the rest is for the way and a busy node. */
const ACT_TIMEOUT_MS = 30_000;
/** An audit answers after some seconds at the latest, and goes on. */
const AUDIT_TIMEOUT_MS = 15_000;
const NODE_STATE_TIMEOUT_MS = 3000;
const SPARK_POINTS = 60;
const FIGURE_MAX_AGE_S = 10;
const UUID = new RegExp(UUID_PATTERN);
const USER_ID = new RegExp(USER_ID_PATTERN);
const LETTER_ID = /^\d{1,18}$/;
/** Fields of an act that a page may set; who does it, and when it is over, is not among them. */
const ACT_FIELDS = [
  'side',
  'ids',
  'consumer',
  'aggregate',
  'key',
  'reason',
  'type',
  'from',
  'to',
  'all',
  'why',
  'dryRun',
  'force',
  'after',
];
const ACTS = ['replay', 'discard'];
const LIST_FIELDS = ['side', 'consumer', 'aggregate', 'key', 'reason', 'type', 'from', 'to', 'after', 'limit'];

/** Everything that the console shows and does: each a call that anybody on the bus could make. */
export class Room {
  readonly tabs: Tabs;
  readonly #ask: Ask;
  readonly #watch: Watch;
  readonly #overview: OverviewReader;
  readonly #about: RoomOptions['about'];

  constructor({ ask, about, logger }: RoomOptions) {
    this.#ask = ask;
    this.#about = about;
    this.#watch = new Watch(ask);
    this.#overview = new OverviewReader(ask);
    this.tabs = new Tabs({
      rowsAfter: (at) => this.#rowsAfter(at),
      overview: () => this.overview(),
      logger,
    });
  }

  about(): About {
    return { nodeId: this.#ask.nodeId, ...this.#about };
  }

  async overview(): Promise<Overview> {
    return this.#overview.read(await this.#watch.gather('seconds'));
  }

  async flow(query: Query): Promise<FlowTable> {
    const ring: RingName = query['range'] === '24h' ? 'minutes' : 'seconds';
    return { columns: FLOW_COLUMNS, stepS: RINGS[ring].stepS, rows: await this.#watch.history(ring) };
  }

  orders({ preset, ...filters }: Query): Promise<BrowsedOrders> {
    const stuck = { status: 'NEW', to: new Date(Date.now() - STUCK_AFTER_S * 1000).toISOString() };
    const chosen = { stuck, slow: { slow: true } }[String(preset)];
    return this.#ask.call('orders.browse', { ...filters, ...chosen });
  }

  /** The order's story where a node of orders can tell it, and in any case the order. */
  async order(id: string): Promise<ToldOrder> {
    const orderId = id.toLowerCase();
    const order = await this.#ask.call<Order>('orders.show', { orderId });
    if (!this.#ask.has('orders.story')) {
      return { order, story: null, storyFailure: 'The nodes of orders that are here cannot tell stories.' };
    }
    try {
      return { order, story: await this.#ask.call<OrderStory>('orders.story', { orderId }), storyFailure: null };
    } catch (error) {
      return { order, story: null, storyFailure: sentenceOf(error) };
    }
  }

  accounts(query: Query): Promise<BrowsedAccounts> {
    return this.#ask.call('payments.browse', query);
  }

  async account(userId: string, query: Query): Promise<AccountWithEntries> {
    const [account, entries] = await Promise.all([
      this.#ask.call<Account>('payments.balance', { userId }),
      this.#ask.call<Page<LedgerEntry>>('payments.entries', { userId, ...query }),
    ]);
    return { account, entries };
  }

  checkAccount(userId: string): Promise<CheckedAccount> {
    return this.#ask.call('payments.checkAccount', { userId });
  }

  async pipeline(): Promise<Pipeline> {
    const [outboxes, consumers] = await Promise.all([
      this.#ask.callEach<OutboxState>((service) => `${service}.outbox.state`, {}, NODE_STATE_TIMEOUT_MS),
      this.#ask.callEach<ConsumersState>((service) => `${service}.consumers.state`, {}, NODE_STATE_TIMEOUT_MS),
    ]);
    const here = this.#ask.nodes().flatMap(({ isHere, services }) => (isHere ? services : []));
    return { outboxes, consumers, away: ['orders', 'payments'].filter((service) => !here.includes(service)) };
  }

  async deadLetters(): Promise<DeadLetterGroups> {
    const known = this.#ask.servicesWith('deadLetters.groups');
    const services = await Promise.all(
      known.map(async (service): Promise<ServiceGroups> => {
        try {
          return { service, groups: await this.#ask.call<LetterGroup[]>(`${service}.deadLetters.groups`, {}) };
        } catch (error) {
          return { service, failure: sentenceOf(error) };
        }
      }),
    );
    return { services, away: ['orders', 'payments'].filter((service) => !known.includes(service)) };
  }

  letters(service: string, query: Query): Promise<LettersPage> {
    return this.#ask.call(`${this.#withLetters(service)}.deadLetters.list`, pick(query, LIST_FIELDS));
  }

  letter(service: string, side: string, id: string): Promise<object> {
    return this.#ask.call(`${this.#withLetters(service)}.deadLetters.show`, { side, id });
  }

  async acts(service: string): Promise<LetterActs> {
    return { acts: await this.#ask.call<ListedAct[]>(`${this.#withLetters(service)}.deadLetters.acts`, { limit: 50 }) };
  }

  /**
   * Replays or discards dead letters, or says what that would do.
   *
   * @param subject of the session: who does it. Without one it is whom the page names
   */
  actOnLetters(
    service: string,
    act: string,
    asked: Readonly<Record<string, unknown>>,
    subject: string | null,
  ): Promise<ActReport> {
    if (!ACTS.includes(act)) {
      throw problem('not-found', `Dead letters can be replayed and discarded; there is no ${act}.`);
    }
    const { force, ...fields } = pick(asked, ACT_FIELDS);
    const params = { ...fields, ...(act === 'replay' && force !== undefined && { force }), by: subject ?? asked['by'] };
    return this.#ask.call(`${this.#withLetters(service)}.deadLetters.${act}`, params, { timeoutMs: ACT_TIMEOUT_MS });
  }

  audit(): Promise<AuditAnswer> {
    return this.#ask.call('audit.last', {});
  }

  runAudit(asked: Readonly<Record<string, unknown>>): Promise<AuditAnswer> {
    const incremental = asked['incremental'] === true;
    return this.#ask.call('audit.run', { incremental }, { timeoutMs: AUDIT_TIMEOUT_MS });
  }

  async cluster(): Promise<Cluster> {
    const flow = await this.#watch.gather('seconds');
    const nowS = Math.floor(Date.now() / 1000);
    const nodes = this.#ask.nodes().map((node): ClusterNode => {
      const figures = flow.newest(node.id, nowS, FIGURE_MAX_AGE_S);
      return {
        ...node,
        ...this.#watch.told.get(node.id),
        figures: Object.fromEntries(
          [...(figures ?? [])].filter(([name]) => /^(heap|rss|loop|http-in-flight|pool:)/.test(name)),
        ),
        heapSeries: flow.series(node.id, 'heap', SPARK_POINTS),
        loopSeries: flow.series(node.id, 'loop', SPARK_POINTS),
      };
    });
    return { nodes };
  }

  /** Where something is shown: an order, an account, a dead letter. */
  async find(id: string): Promise<Found> {
    const text = id.trim();
    const failures: string[] = [];
    const isThere = async (asked: Promise<unknown>): Promise<boolean> =>
      asked.then(
        () => true,
        (error: unknown) => {
          if (!isNotFound(error)) failures.push(sentenceOf(error));
          return false;
        },
      );
    const orderId = text.toLowerCase();
    if (UUID.test(text) && (await isThere(this.#ask.call('orders.show', { orderId })))) {
      return found(`/console/orders/${orderId}`);
    }
    if (USER_ID.test(text) && (await isThere(this.#ask.call('payments.balance', { userId: text })))) {
      return found(`/console/accounts/${encodeURIComponent(text)}`);
    }
    if (LETTER_ID.test(text)) {
      for (const service of this.#ask.servicesWith('deadLetters.show')) {
        for (const side of ['consumer', 'relay']) {
          const asked = this.#ask.call(`${service}.deadLetters.show`, { side, id: text });
          if (await isThere(asked)) return found(`/console/dead-letters/${service}/${side}/${text}`);
        }
      }
    }
    const why = failures.length > 0 ? ` ${failures.join(' ')}` : '';
    return { path: null, detail: `No order, account or dead letter has this id.${why}` };
  }

  async #rowsAfter(at: number): Promise<readonly FlowRow[]> {
    const flow = await this.#watch.gather('seconds');
    const until = Math.floor(Date.now() / 1000) - BEHIND_S;
    return flow.rows(Math.max(at + 1, until - RINGS.seconds.rows), until);
  }

  /** @throws what a call to a service that is away throws, with which one */
  #withLetters(service: string): string {
    if (this.#ask.servicesWith('deadLetters.list').includes(service)) return service;
    throw problem(
      'service-unavailable',
      `No node of a service "${service.slice(0, 40)}" with dead letters is here right now.`,
    );
  }
}

function found(path: string): Found {
  return { path, detail: null };
}

function isNotFound(thrown: unknown): boolean {
  const error = thrown instanceof CallFailed ? thrown.cause : thrown;
  return isProblem(error) && (error.type.endsWith('not-found') || error.type === 'invalid-input');
}

function pick(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined && from[name] !== '').map((name) => [name, from[name]]),
  );
}
