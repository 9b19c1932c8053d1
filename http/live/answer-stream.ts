import type { Order } from '../../contract/outputs.ts';
import { askAction, assertAccepted, readAsked, type CallAction } from '../answer-call.ts';
import type { Exchange, StreamRoute } from '../route.ts';
import type { LiveOrders } from './live-orders.ts';

/** Versions are counted from 1, and an order has few. */
const EVENT_ID = /^[1-9]\d{0,8}$/;

/**
 * Answers a request to a stream. Whatever is wrong is a problem like any other: the stream begins when the order has been
 * read, and its owner has been looked at.
 *
 * @throws a problem of the request; `CallFailed` around what the action threw
 */
export async function answerStream(
  route: StreamRoute,
  exchange: Exchange,
  call: CallAction,
  liveOrders: LiveOrders,
): Promise<void> {
  assertAccepted(exchange, 'text/event-stream');
  const asked = await readAsked(route, exchange);
  const { request, response } = exchange;
  const watching = {
    orderId: asked.input.orderId,
    toldVersion: readLastEventId(request.headers['last-event-id']),
    headersOnly: request.method === 'HEAD',
  };
  await liveOrders.answer(watching, response, () => askAction(route, exchange, asked, call) as Promise<Order>);
}

/**
 * @param header `Last-Event-ID`, with which a client comes back
 * @returns the version that it names. Null for anything that is none: telling the status again harms nobody, and an
 *   EventSource that is refused gives up.
 */
function readLastEventId(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && EVENT_ID.test(header) ? Number(header) : null;
}
