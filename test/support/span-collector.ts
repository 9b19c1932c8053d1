import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes what an OTLP exporter sends, as it comes. */
export interface SpanCollector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** The bodies that were taken so far. */
  readonly bodies: readonly Buffer[];
  /** Paths and types that were not those of OTLP over HTTP. */
  readonly strange: readonly string[];
  /** How it answers from now on: `hangs` never does. */
  answer: 'takes' | 'refuses' | 'hangs';
  close(): Promise<void>;
}

export async function startSpanCollector(): Promise<SpanCollector> {
  const bodies: Buffer[] = [];
  const strange: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (collector.answer === 'hangs') return;
      if (collector.answer === 'refuses') {
        response.writeHead(400).end();
        return;
      }
      const what = `${request.method ?? ''} ${request.url ?? ''} ${request.headers['content-type'] ?? ''}`;
      if (what !== 'POST /v1/traces application/x-protobuf') strange.push(what);
      bodies.push(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const collector: SpanCollector = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    strange,
    answer: 'takes',
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return collector;
}
