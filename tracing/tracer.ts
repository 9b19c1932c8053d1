import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';

/**
 * What the code of the nodes knows of traces: OpenTelemetry's API, whose functions do nothing until `openTracing` has
 * loaded the SDK behind them. Whatever would cost something all the same asks `isTracing` first.
 */

const SCOPE = 'moleculer-orders-payments';

let isOn = false;

/** Said by `openTracing` alone. */
export function setTracing(on: boolean): void {
  isOn = on;
}

/** Whether this process makes spans. */
export function isTracing(): boolean {
  return isOn;
}

export function tracer(): Tracer {
  return trace.getTracer(SCOPE);
}

/** @returns the W3C `traceparent` of the span that is active here; null when none is */
export function activeTraceparent(): string | null {
  return isOn ? traceparentIn(context.active()) : null;
}

/** @returns the W3C `traceparent` of a span */
export function traceparentOf(span: Span): string | null {
  return traceparentIn(trace.setSpan(ROOT_CONTEXT, span));
}

function traceparentIn(at: Context): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(at, carrier);
  return carrier.traceparent ?? null;
}

/** @returns the context that a W3C `traceparent` names; the root when it names none. What came over a wire can be anything */
export function contextOf(traceparent: unknown): Context {
  return typeof traceparent === 'string' ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT;
}

/** @returns the context, when somebody records the trace that it names; otherwise null */
export function sampledContextOf(traceparent: string | null): Context | null {
  if (!isOn || traceparent === null) return null;
  const at = contextOf(traceparent);
  const span = trace.getSpanContext(at);
  return span !== undefined && isSpanContextValid(span) && (span.traceFlags & TraceFlags.SAMPLED) !== 0 ? at : null;
}

/** Where a line of the log belongs. */
export interface TraceIds {
  readonly traceId?: string;
  readonly spanId?: string;
}

/** @returns ids of the span that is active here; nothing when none is */
export function activeTraceIds(): TraceIds {
  return isOn ? idsIn(context.active()) : {};
}

/** @returns the id of the trace that a W3C `traceparent` names, and nothing when there is none: for lines about one event of many */
export function traceIdOf(traceparent: string | null): Pick<TraceIds, 'traceId'> {
  const { traceId } = isOn ? idsIn(contextOf(traceparent)) : {};
  return traceId === undefined ? {} : { traceId };
}

function idsIn(at: Context): TraceIds {
  const span = trace.getSpanContext(at);
  return span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId };
}
