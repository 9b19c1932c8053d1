import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body read as JSON; undefined when it is none. */
  readonly json: Record<string, unknown> | undefined;
}

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** Keeps connections; without it, each request has one of its own. */
  readonly agent?: Agent;
  /** Called when the request has been given to the network. */
  readonly onSent?: () => void;
}

/**
 * Sends one request. Unlike `fetch` it leaves path, headers and body as they are.
 *
 * @param port on this machine
 * @param path target, sent as it is
 */
export function send(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, agent, onSent }: HttpRequest = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, path, method, headers, agent: agent ?? false, host: '127.0.0.1' }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: readJson(text) });
      });
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    if (onSent !== undefined) outgoing.once('finish', onSent);
    outgoing.end(body);
  });
}

/** Posts a JSON text as it stands. */
export function post(
  port: number,
  path: string,
  body: string | object,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  return send(port, path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

/** Writes bytes to a new connection and reads until the other side ends it. */
export function sendBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = openConnection(port);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString());
    });
    socket.write(bytes);
  });
}

export function openConnection(port: number): Socket {
  return connect({ port, host: '127.0.0.1' });
}

function readJson(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
