import type { Environment } from './read-variable.ts';
import { tracingSettings, type Sampler } from './settings.ts';

/** Where spans go, and which. The names of the variables are OpenTelemetry's own. */
export interface TracingConfig {
  /** Takes OTLP over HTTP, as protobuf. */
  readonly url: string;
  /** Sent with each request: a collector's token, as a rule. */
  readonly headers: Readonly<Record<string, string>>;
  readonly sampler: Sampler;
  /** Of traces that begin here, from 0 to 1: for the samplers by ratio. */
  readonly ratio: number;
  /** What spans say of their process besides its name. */
  readonly resource: Readonly<Record<string, string>>;
}

/** @returns null when there is nowhere to send spans to, or somebody has switched them off */
export function readTracing(env: Environment): TracingConfig | null {
  const url = readUrl(env);
  tracingSettings.protocol.read(env);
  tracingSettings.tracesProtocol.read(env);
  const isOff = [tracingSettings.exporter.read(env) === 'none', tracingSettings.disabled.read(env) === 'true'];
  const tracing = {
    headers: { ...tracingSettings.headers.read(env), ...tracingSettings.tracesHeaders.read(env) },
    sampler: tracingSettings.sampler.read(env),
    ratio: tracingSettings.ratio.read(env),
    resource: tracingSettings.resource.read(env),
  };
  return url === null || isOff.includes(true) ? null : { url, ...tracing };
}

function readUrl(env: Environment): string | null {
  const own = tracingSettings.tracesEndpoint.read(env);
  const common = tracingSettings.endpoint.read(env);
  if (own !== null) return own.href;
  if (common === null) return null;
  common.pathname = `${common.pathname.replace(/\/$/, '')}/v1/traces`;
  return common.href;
}
