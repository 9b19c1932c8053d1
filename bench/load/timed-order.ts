import { Agent, request, type IncomingMessage } from 'node:http';
import { spreadOf, type Spread } from '../harness/spread.ts';

/** A client that keeps its connection. */
export interface Client {
  readonly port: number;
  readonly agent: Agent;
}

export function newClient(port: number): Client {
  return { port, agent: new Agent({ keepAlive: true }) };
}

/**
 * Places an order and follows it to its end, as an application does: a POST, then its live status.
 *
 * @returns milliseconds from the first byte that is sent to the final status
 * @throws Error when it is not accepted, or its stream ends without a final status
 */
export async function timeOrder(client: Client, userId: string): Promise<number> {
  const startedAtMs = performance.now();
  const created = await send(client, 'POST', '/api/orders', JSON.stringify({ userId, amount: '0.01' }));
  if (created.status !== 201) throw new Error(`An order was answered ${created.status}: ${created.text}`);
  const { orderId } = JSON.parse(created.text) as { orderId: string };
  const followed = await send(client, 'GET', `/api/orders/${orderId}/events`);
  const endedAtMs = performance.now();
  if (!/"status":"(FINISHED|CANCELLED)"/.test(followed.text)) throw new Error(`No final status came: ${followed.text}`);
  return endedAtMs - startedAtMs;
}

/**
 * Times one thing after the other.
 *
 * @param timeOne is given the number of its turn, and returns milliseconds
 */
export async function timeEach(count: number, timeOne: (turn: number) => Promise<number>): Promise<Spread> {
  const timesMs: number[] = [];
  for (let turn = 0; turn < count; turn++) timesMs.push(await timeOne(turn));
  return spreadOf(timesMs);
}

function send(
  { port, agent }: Client,
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
    const outgoing = request({ host: '127.0.0.1', port, agent, method, path, headers }, (incoming: IncomingMessage) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
