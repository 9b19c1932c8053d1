import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UnreadyPart } from '../health/readiness.ts';
import { problem } from '../problems/problems.ts';
import { answerJson } from './answers.ts';
import { live } from './health.ts';
import { HttpListener, type ListenerMetrics } from './listener.ts';
import { diagnose, problemAnswer } from './problem-answer.ts';
import { chooseRequestId } from './request-id.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { pathOfTarget } from './target.ts';

/** As long as the door gives: a node that loads its modules stands still for seconds, and the client's time runs meanwhile. */
const RECEIVE_TIMEOUT_MS = 10_000;
/** Answers are ready at once: who has not read his by then need not be waited for. */
const DRAIN_TIMEOUT_MS = 2000;
/** There are no metrics before there is a broker. */
const NO_METRICS: ListenerMetrics = { connectionOpened() {}, connectionClosed() {}, refusedByServer() {} };

/** By port. */
const rooms = new Map<number, WaitingRoom>();

/** Where the door will be. */
export interface Doorstep {
  readonly host: string;
  readonly port: number;
}

/**
 * Answers at the port of a door before there is a broker to open it: a node that waits for its slot lives, says what it
 * waits for, and refuses calls as a door does that is starting.
 *
 * @throws Error when it cannot listen there
 */
export async function openWaitingRoom(doorstep: Doorstep): Promise<WaitingRoom> {
  const room = new WaitingRoom(doorstep);
  await room.listener.open();
  rooms.set(doorstep.port, room);
  return room;
}

/** Makes room for the door. */
export async function closeWaitingRoom(port: number): Promise<void> {
  const room = rooms.get(port);
  rooms.delete(port);
  await room?.listener.close();
}

export class WaitingRoom {
  readonly listener: HttpListener;
  /** What `/health/ready` says. */
  waitsFor: UnreadyPart = { part: 'node', detail: 'it has just begun' };

  constructor({ host, port }: Doorstep) {
    this.listener = new HttpListener({
      host,
      port,
      receiveTimeoutMs: RECEIVE_TIMEOUT_MS,
      drainTimeoutMs: DRAIN_TIMEOUT_MS,
      metrics: NO_METRICS,
      handle: (request, response) => {
        this.#answer(request, response);
      },
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOfTarget(request.url ?? '/');
    const requestId = chooseRequestId(request.headers['x-request-id']);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    response.setHeader('X-Request-ID', requestId);
    const health = path === '/health/live' ? live() : path === '/health/ready' ? this.#unready() : null;
    if (health !== null) {
      response.setHeader('Cache-Control', 'no-store');
      answerJson(response, health.status, health.body);
      return;
    }
    const { status, headers, body } = problemAnswer(diagnose(this.#refusal()), path, requestId);
    response.writeHead(status, headers);
    response.end(body);
  }

  #unready(): { readonly status: 503; readonly body: object } {
    return { status: 503, body: { status: 'unready', parts: [this.waitsFor] } };
  }

  #refusal(): Error {
    return problem(
      'service-unavailable',
      `This node is still starting: ${this.waitsFor.detail}. Nothing was done; try again.`,
    );
  }
}
