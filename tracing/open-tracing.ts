import { context, propagation, trace } from '@opentelemetry/api';
import type { ExportResultCode } from '@opentelemetry/core';
import type * as Sdk from '@opentelemetry/sdk-trace';
import type { ReadableSpan, Sampler, SpanExporter } from '@opentelemetry/sdk-trace';
import type { TracingConfig } from '../config/config.ts';
import { outsideOfRequests } from '../logs/request-context.ts';
import { errorText } from '../problems/error-text.ts';
import { FollowLinks } from './follow-links.ts';
import { setTracing } from './tracer.ts';

/** Who makes the spans. */
export interface TracedNode {
  /** `orders`. */
  readonly service: string;
  readonly nodeID: string;
  readonly namespace: string;
}

export interface TracingLogger {
  warn(text: string): void;
  info(text: string): void;
}

/** The making of spans in this process. */
export interface Tracing {
  /** Sends what was made, as long as that takes not too long, and ends. Never rejects. */
  close(): Promise<void>;
}

/** The SDK's constant, which is loaded with it. */
type Success = ExportResultCode.SUCCESS;

/** Two seconds of a busy node, some 20 MB; beyond it spans are dropped. */
const MAX_QUEUED_SPANS = 16_384;
const SPANS_PER_REQUEST = 1024;
const SEND_INTERVAL_MS = 1000;
/** A collector that takes longer than that for a request has lost it. */
const SEND_TIMEOUT_MS = 5000;
/** Within what a stop may take: supervisors kill after 10 s. */
const CLOSE_TIMEOUT_MS = 1500;
/** A batch has that many causes at most: a relay's request. The SDK would cut them at 128. */
const MAX_LINKS = 2000;

/**
 * Loads OpenTelemetry's SDK and makes spans from now on, for the whole process.
 *
 * @param config null: none are made, and nothing is loaded
 */
export async function openTracing(
  config: TracingConfig | null,
  node: TracedNode,
  logger: TracingLogger,
): Promise<Tracing> {
  if (config === null) return { close: () => Promise.resolve() };
  const [sdk, { OTLPTraceExporter }, resources, { AsyncLocalStorageContextManager }, core] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
  ]);
  const exporter = new OTLPTraceExporter({
    url: config.url,
    headers: { ...config.headers },
    timeoutMillis: SEND_TIMEOUT_MS,
  });
  const provider = new sdk.TracerProvider({
    sampler: new FollowLinks(samplerOf(config, sdk), sdk.SamplingDecision.RECORD_AND_SAMPLED),
    spanLimits: { linkCountLimit: MAX_LINKS },
    resource: resources.defaultResource().merge(
      resources.resourceFromAttributes({
        'service.name': node.service,
        'service.instance.id': node.nodeID,
        ...(node.namespace !== '' && { 'service.namespace': node.namespace }),
        ...config.resource,
      }),
    ),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: tellingExporter(exporter, config.url, logger, core.ExportResultCode.SUCCESS),
        maxQueueSize: MAX_QUEUED_SPANS,
        maxExportBatchSize: SPANS_PER_REQUEST,
        scheduledDelayMillis: SEND_INTERVAL_MS,
      }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  setTracing(true);
  return {
    close: async () => {
      setTracing(false);
      await within(CLOSE_TIMEOUT_MS, provider.shutdown());
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

function samplerOf({ sampler, ratio }: TracingConfig, sdk: typeof Sdk): Sampler {
  const roots = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: () => new sdk.TraceIdRatioBasedSampler(ratio),
  };
  const [, parentBased, root] = /^(parentbased_)?(.*)$/.exec(sampler) ?? [];
  const begin = roots[root as keyof typeof roots]();
  return parentBased === undefined ? begin : new sdk.ParentBasedSampler({ root: begin });
}

/**
 * Says once that a collector does not take spans, and once that it does again: spans are dropped meanwhile, and nothing
 * else happens.
 */
function tellingExporter(exporter: SpanExporter, url: string, logger: TracingLogger, success: Success): SpanExporter {
  const { host } = new URL(url);
  let isFailing = false;
  const tell = (failed: boolean, error: unknown): void => {
    if (failed && !isFailing) {
      logger.warn(
        `The collector of traces at ${host} takes no spans: ${errorText(error)}. They are dropped until it does.`,
      );
    } else if (!failed && isFailing) logger.info(`The collector of traces at ${host} takes spans again.`);
    isFailing = failed;
  };
  return {
    export: (spans: ReadableSpan[], done) => {
      exporter.export(spans, ({ code, error }) => {
        // The SDK's timer was set by whichever span came first: these lines are not of its request.
        outsideOfRequests(() => {
          tell(code !== success, error);
        });
        // What failed is told: the SDK would only tell it again.
        done({ code: success });
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
