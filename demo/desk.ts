import { setTimeout as sleep } from 'node:timers/promises';
import { decimalText } from '../money/money.ts';
import { isOutcomeUnknown, PATHS, ShopClient, type Answer } from '../shop/shop-client.ts';
import { parseMoney, type Listed, type ListedOrder } from './book.ts';
import type { Customer, DemoOrder } from './customers.ts';
import { DemoError } from './options.ts';
import type { Place } from './place.ts';

/** Long enough for a node to come back on a busy machine. */
const ATTEMPTS = 240;
const RETRY_PAUSE_MS = 500;
const PAGE = 100;
const IN_FLIGHT = 32;
const BODY_SHOWN_CHARACTERS = 200;

interface Page {
  readonly items: readonly ListedOrder[];
  readonly nextCursor: string | null;
}

/** Sends what the demo has to send, again under the same key while it is not done: so it is done once. */
export class Desk {
  private readonly client: ShopClient;

  constructor({ apiUrl, token }: Place) {
    this.client = new ShopClient(apiUrl, IN_FLIGHT, undefined, token);
  }

  /** @returns the answer's body */
  async open({ userId }: Customer): Promise<string> {
    return (await this.post(PATHS.open, accountBody(userId), `${userId}-account`)).body;
  }

  /** @returns the answer's body */
  async payIn({ userId, deposit }: Customer): Promise<string> {
    return (await this.post(PATHS.deposit, depositBody(userId, deposit), depositKey(userId))).body;
  }

  /** @returns the order's id */
  async order({ userId, amount, description, key }: DemoOrder): Promise<string> {
    const body = `{"userId":"${userId}","amount":${decimalText(amount)},"description":"${description}"}`;
    const answer = await this.post(PATHS.order, body, key);
    return String((JSON.parse(answer.body) as { orderId?: unknown }).orderId);
  }

  /** A customer as the system has them now. */
  async look(customer: Customer): Promise<Listed> {
    const orders: ListedOrder[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = new URLSearchParams({ userId: customer.userId, limit: String(PAGE) });
      if (cursor !== '') query.set('cursor', cursor);
      const page: Page = await this.get<Page>(`/api/orders?${query.toString()}`);
      orders.push(...page.items);
      cursor = page.nextCursor;
    }
    const { balance } = await this.get<{ balance: bigint }>(`/api/payments/accounts/${customer.userId}`);
    return { customer, orders, balance };
  }

  close(): void {
    this.client.close();
  }

  private async post(path: string, body: string, key: string): Promise<Answer> {
    return this.untilAnswered(`POST ${path}`, () => this.client.send('POST', path, { body, key }));
  }

  private async get<Body>(path: string): Promise<Body> {
    const { body } = await this.untilAnswered(`GET ${path}`, () => this.client.get(path));
    return parseMoney(body) as Body;
  }

  private async untilAnswered(what: string, send: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await send();
      const { status, body } = answer;
      if (status >= 200 && status < 300) return answer;
      // Nobody knows whether it was done; a node is away; too many at once; the first attempt is still under way.
      const isWorthMore = isOutcomeUnknown(answer) || [503, 429, 409].includes(status);
      if (!isWorthMore || attempt === ATTEMPTS) {
        const said = status === 0 ? 'no answer' : `${status} ${body.slice(0, BODY_SHOWN_CHARACTERS)}`;
        throw new DemoError(`${what} was answered: ${said}`);
      }
      await sleep(RETRY_PAUSE_MS);
    }
  }
}

export function accountBody(userId: string): string {
  return `{"userId":"${userId}"}`;
}

export function depositBody(userId: string, amount: bigint): string {
  return `{"userId":"${userId}","amount":${decimalText(amount)}}`;
}

export function depositKey(userId: string): string {
  return `${userId}-deposit`;
}

/** Does `work` for each, some at the same time. */
export async function forEach<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const next = items[Symbol.iterator]();
  const serve = async (): Promise<void> => {
    for (let item = next.next(); item.done !== true; item = next.next()) await work(item.value);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, serve));
}
