import { ConfigError, read, readList, readOneOf, type Environment } from './read-variable.ts';

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

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export type Sampler = (typeof SAMPLERS)[number];

/** @returns null when there is nowhere to send spans to, or somebody has switched them off */
export function readTracing(env: Environment): TracingConfig | null {
  const url = readUrl(env);
  readOneOf(env, 'OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf', ['http/protobuf']);
  readOneOf(env, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/protobuf', ['http/protobuf']);
  const isOff =
    readOneOf(env, 'OTEL_TRACES_EXPORTER', 'otlp', ['otlp', 'none']) === 'none' ||
    readOneOf(env, 'OTEL_SDK_DISABLED', 'false', ['true', 'false']) === 'true';
  const tracing = {
    headers: {
      ...readPairs(env, 'OTEL_EXPORTER_OTLP_HEADERS'),
      ...readPairs(env, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    },
    sampler: readOneOf(env, 'OTEL_TRACES_SAMPLER', 'parentbased_always_on', SAMPLERS),
    ratio: readRatio(env),
    resource: readPairs(env, 'OTEL_RESOURCE_ATTRIBUTES'),
  };
  return url === null || isOff ? null : { url, ...tracing };
}

function readUrl(env: Environment): string | null {
  const own = readHttpUrl(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const common = readHttpUrl(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (own !== null) return own.href;
  if (common === null) return null;
  common.pathname = `${common.pathname.replace(/\/$/, '')}/v1/traces`;
  return common.href;
}

function readHttpUrl(env: Environment, name: string): URL | null {
  const value = read(env, name);
  if (value === undefined) return null;
  const url = URL.parse(value);
  // The value may hold a password: not repeated.
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`${name} is no URL of a collector; it has to look like http://localhost:4318.`);
  }
  return url;
}

function readRatio(env: Environment): number {
  const value = read(env, 'OTEL_TRACES_SAMPLER_ARG') ?? '1';
  if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(value)) {
    throw new ConfigError(`OTEL_TRACES_SAMPLER_ARG is "${value}"; it has to be a number from 0 to 1.`);
  }
  return Number(value);
}

/** `key=value`, several separated by commas; values are percent-encoded, as OpenTelemetry has them. */
function readPairs(env: Environment, name: string): Record<string, string> {
  const pairs = readList(env, name).map((pair): [string, string] => {
    const [, key, value] = /^([^=\s]+)\s*=(.*)$/s.exec(pair) ?? [];
    const decoded = decode(value?.trim());
    // A header may be a token: not repeated.
    if (key === undefined || decoded === null) {
      throw new ConfigError(
        `${name} has to be key=value, or several separated by commas, with values percent-encoded.`,
      );
    }
    return [key, decoded];
  });
  return Object.fromEntries(pairs);
}

function decode(value: string | undefined): string | null {
  try {
    return value === undefined ? null : decodeURIComponent(value);
  } catch {
    return null;
  }
}
