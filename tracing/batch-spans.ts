import {
  context,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanKind,
} from '@opentelemetry/api';
import { Attribute } from './attributes.ts';
import { isTracing, sampledContextOf, traceparentOf, tracer } from './tracer.ts';

/** Work that several traces share. */
export interface SharedWork<Item> {
  /** Of the batch's own span. */
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly items: readonly Item[];
  /** The W3C trace context of what has caused an item; null when there is none. */
  readonly causeOf: (item: Item) => string | null;
  /** Of an item's span; asked only for items whose traces are recorded. */
  readonly describe: (item: Item) => { readonly name: string; readonly attributes: Attributes };
}

/** The spans of the items. */
export interface ItemSpans<Item> {
  /** @returns what goes on from this item carries this: the context of its own span; without one, its cause's */
  traceparentOf(item: Item): string | null;
  /** Says more about an item than its description could. */
  add(item: Item, attributes: () => Attributes): void;
}

/**
 * Does work for many traces at once: with a span of its own, which has links to all of its causes, and a span in each
 * cause's trace for as long as the work takes, so that each of those goes on by itself.
 *
 * Costs a look at each item's cause while traces are made, a span only for a cause that is recorded, and nothing otherwise.
 */
export async function traceShared<Item extends object, Result>(
  shared: SharedWork<Item>,
  work: (spans: ItemSpans<Item>) => Promise<Result>,
): Promise<Result> {
  const causes = isTracing() ? recordedCauses(shared) : null;
  if (causes === null || causes.size === 0) return work({ traceparentOf: shared.causeOf, add: () => undefined });
  const batch = beginBatch(shared, [...causes.values()]);
  const spans = new Map<Item, Span>();
  for (const [item, cause] of causes) spans.set(item, beginItem(shared, item, cause, batch));
  const all = [batch, ...spans.values()];
  const itemSpans: ItemSpans<Item> = {
    traceparentOf: (item) => {
      const span = spans.get(item);
      return span === undefined ? shared.causeOf(item) : traceparentOf(span);
    },
    add: (item, attributes) => spans.get(item)?.setAttributes(attributes()),
  };
  try {
    return await context.with(trace.setSpan(ROOT_CONTEXT, batch), () => work(itemSpans));
  } catch (error) {
    for (const span of all) fail(span, error);
    throw error;
  } finally {
    for (const span of all) span.end();
  }
}

function recordedCauses<Item>({ items, causeOf }: SharedWork<Item>): Map<Item, Context> {
  const causes = new Map<Item, Context>();
  for (const item of items) {
    const cause = sampledContextOf(causeOf(item));
    if (cause !== null) causes.set(item, cause);
  }
  return causes;
}

function beginBatch<Item>({ name, kind, attributes, items }: SharedWork<Item>, causes: readonly Context[]): Span {
  const links = causes.flatMap((cause) => trace.getSpanContext(cause) ?? []).map((each) => ({ context: each }));
  return tracer().startSpan(
    name,
    { kind, root: true, links, attributes: { ...attributes, [Attribute.batchSize]: items.length } },
    ROOT_CONTEXT,
  );
}

function beginItem<Item>({ kind, describe }: SharedWork<Item>, item: Item, cause: Context, batch: Span): Span {
  const { name, attributes } = describe(item);
  return tracer().startSpan(name, { kind, attributes, links: [{ context: batch.spanContext() }] }, cause);
}

/** An error's message may quote what somebody sent: its name and code have to do. */
export function fail(span: Span, error: unknown): void {
  const { type, code, name } = (error ?? {}) as { type?: unknown; code?: unknown; name?: unknown };
  const said = [type, code, name].find((each): each is string => typeof each === 'string') ?? 'unknown';
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute(Attribute.errorType, said);
}
