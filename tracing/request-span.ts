import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Attribute } from './attributes.ts';
import { contextOf, isTracing, tracer } from './tracer.ts';

const FIRST_SERVER_ERROR = 500;

/** What a request's span says of it. */
export interface TracedRequest {
  /** As the table of routes has it: a path that a client sent may hold a user's id. */
  readonly route: string;
  readonly requestId: string;
}

/**
 * Serves a request in a span of its own, which ends with its answer, and goes on with the trace of a client that sends a
 * `traceparent`.
 */
export function traceRequest<T>(
  { route, requestId }: TracedRequest,
  request: IncomingMessage,
  response: ServerResponse,
  run: () => T,
): T {
  if (!isTracing()) return run();
  const method = request.method ?? '';
  const parent = contextOf(request.headers['traceparent']);
  const attributes = {
    [Attribute.httpMethod]: method,
    [Attribute.httpRoute]: route,
    [Attribute.requestId]: requestId,
  };
  const span = tracer().startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
  response.once('close', () => {
    if (response.headersSent) span.setAttribute(Attribute.httpStatus, response.statusCode);
    if (response.headersSent && response.statusCode >= FIRST_SERVER_ERROR) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute(Attribute.errorType, String(response.statusCode));
    }
    if (!response.writableFinished) span.setAttribute(Attribute.errorType, 'client-gone');
    span.end();
  });
  return context.with(trace.setSpan(parent, span), run);
}
