import { context, SpanKind, trace, type Context as TraceContext } from '@opentelemetry/api';
import type { Context, Middleware } from 'moleculer';
import { Attribute } from './attributes.ts';
import { fail } from './batch-spans.ts';
import { contextOf, isTracing, tracer, traceparentOf } from './tracer.ts';

type Call = Context<unknown, { traceparent?: unknown }>;
type ActionHandler = (ctx: Call) => Promise<unknown>;

/**
 * A span for each call at its caller, and one where it is answered; between nodes `meta.traceparent` joins them. A call
 * that begins a trace is one from the REPL or of a node's own schedule.
 */
export const callSpansMiddleware: Middleware = {
  name: 'CallSpans',
  remoteAction:
    (handler: ActionHandler): ActionHandler =>
    (ctx) => {
      if (!isTraced(ctx)) return handler(ctx);
      return inSpan(ctx, SpanKind.CLIENT, context.active(), (traceparent) => {
        // Set for each call anew: what a nested call's answer merged in is of that call.
        if (traceparent !== null) ctx.meta.traceparent = traceparent;
        return handler(ctx);
      });
    },
  localAction:
    (handler: ActionHandler): ActionHandler =>
    (ctx) => {
      if (!isTraced(ctx)) return handler(ctx);
      const isFromHere = ctx.nodeID === null || ctx.nodeID === ctx.broker.nodeID;
      const parent = isFromHere ? context.active() : contextOf(ctx.meta.traceparent);
      return inSpan(ctx, isFromHere ? SpanKind.INTERNAL : SpanKind.SERVER, parent, () => handler(ctx));
    },
};

/** Not what nodes ask of each other, nor moleculer-web's own action around a request. */
function isTraced({ action }: Call): boolean {
  return isTracing() && action?.visibility !== 'private' && action?.name?.startsWith('$') !== true;
}

async function inSpan(
  { action }: Call,
  kind: SpanKind,
  parent: TraceContext,
  work: (traceparent: string | null) => Promise<unknown>,
): Promise<unknown> {
  const name = action?.name ?? 'unknown';
  const dot = name.lastIndexOf('.');
  const attributes = {
    [Attribute.rpcSystem]: 'moleculer',
    [Attribute.rpcService]: name.slice(0, Math.max(0, dot)),
    [Attribute.rpcMethod]: name.slice(dot + 1),
  };
  const span = tracer().startSpan(name, { kind, attributes }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), work, undefined, traceparentOf(span));
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}
