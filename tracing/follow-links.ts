import { trace, type Attributes, type Context, type Link, type SpanKind } from '@opentelemetry/api';
import type { Sampler, SamplingDecision, SamplingResult } from '@opentelemetry/sdk-trace';

/**
 * Records a batch's own span whenever it links to a trace that is recorded (the only links that it has): decided by its
 * own fresh trace id, most orders' batches would be missing. All else is the sampler's.
 */
export class FollowLinks implements Sampler {
  readonly #others: Sampler;
  readonly #record: SamplingDecision;

  /** @param record the SDK's constant, which is loaded with it */
  constructor(others: Sampler, record: SamplingDecision) {
    this.#others = others;
    this.#record = record;
  }

  shouldSample(
    at: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const isBatch = links.length > 0 && trace.getSpanContext(at) === undefined;
    return isBatch ? { decision: this.#record } : this.#others.shouldSample(at, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `FollowLinks{${this.#others.toString()}}`;
  }
}
