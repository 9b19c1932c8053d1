import { ShopClient, type Answer, type Sent } from '../../shop/shop-client.ts';

export interface Gateway {
  readonly host: string;
  readonly port: number;
}

/**
 * Less than the gateway's own patience with a call (10 s), so that outcomes stay unknown and are asked for again while the
 * first attempt is still on its way.
 */
const GIVE_UP_AFTER_MS = 6000;
/** A gateway that gave no answer is left alone for so long, if there is another one. */
const AVOID_MS = 1000;

/** Speaks to all gateways as a client with a list of addresses does: moves to the next where one does not answer. */
export class Doors {
  readonly gateways: readonly Gateway[];
  readonly #clients: readonly ShopClient[];
  readonly #avoidUntilMs: number[];

  /** @param connections to each gateway */
  constructor(gateways: readonly Gateway[], connections: number) {
    this.gateways = gateways;
    this.#clients = gateways.map(
      ({ host, port }) => new ShopClient(`http://${host}:${port}`, connections, GIVE_UP_AFTER_MS),
    );
    this.#avoidUntilMs = gateways.map(() => 0);
  }

  /**
   * Sends a request once; never rejects.
   *
   * @param preferred which gateway, if it has answered lately
   */
  async send(preferred: number, method: 'GET' | 'POST', path: string, sent?: Sent): Promise<Answer> {
    const door = this.#choose(preferred);
    const client = this.#clients[door];
    if (client === undefined) throw new Error('There is no gateway.');
    const answer = await client.send(method, path, sent);
    if (answer.status === 0) this.#avoidUntilMs[door] = Date.now() + AVOID_MS;
    return answer;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  #choose(preferred: number): number {
    const now = Date.now();
    const doors = this.#clients.map((_client, index) => (preferred + index) % this.#clients.length);
    return doors.find((door) => (this.#avoidUntilMs[door] ?? 0) <= now) ?? preferred % this.#clients.length;
  }
}
