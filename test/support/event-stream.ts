import { request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

/** One event as it came. */
export interface ReceivedMessage {
  readonly id: string;
  readonly event: string;
  /** The order's JSON. */
  readonly data: Record<string, unknown>;
}

/** A stream of server-sent events, as one client sees it. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Everything so far. */
  text(): string;
  messages(): ReceivedMessage[];
  /** Resolves when the other side has ended the response as it should. */
  readonly ended: Promise<void>;
  /** The client leaves. */
  leave(): void;
}

/** Opens a stream on a connection of its own; resolves with its headers. */
export function openStream(port: number, path: string, headers: Record<string, string> = {}): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, path, headers, agent: false, host: '127.0.0.1' }, (incoming) => {
      resolve(streamOf(outgoing, incoming));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function streamOf(outgoing: ClientRequest, incoming: IncomingMessage): EventStream {
  let text = '';
  incoming.setEncoding('utf8');
  incoming.on('data', (chunk: string) => (text += chunk));
  const ended = new Promise<void>((resolve, reject) => {
    incoming.on('end', resolve);
    incoming.on('error', reject);
  });
  // Whoever does not wait for the end does not care how it comes.
  ended.catch(() => undefined);
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text: () => text,
    messages: () => messagesOf(text),
    ended,
    leave: () => outgoing.destroy(),
  };
}

function messagesOf(text: string): ReceivedMessage[] {
  return messagesIn(text).map((fields) => ({
    id: fields.get('id') ?? '',
    event: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? '') as Record<string, unknown>,
  }));
}

/** Reads what a stream brought, line by line as a client of the standard does: the fields of each event with data. */
export function messagesIn(text: string): Map<string, string>[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const lines = block.split('\n');
      return new Map(lines.map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^\w*: /, '')]));
    })
    .filter((fields) => fields.has('data'));
}
