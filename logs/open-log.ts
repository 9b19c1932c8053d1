import { destination as fileDescriptor, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/config.ts';
import { activeTraceIds } from '../tracing/tracer.ts';
import { describeError } from './describe-error.ts';
import { currentRequestId } from './request-context.ts';

/**
 * No line gives any of these to begin with; a line that does by mistake shows that it did, and nothing else.
 */
const PERSONAL = [
  'userId',
  'user_id',
  'description',
  'amount',
  'balance',
  'balanceAfter',
  'partitionKey',
  'payload',
  'data',
  'params',
  'body',
  'meta',
  'headers',
  'caller',
  'subject',
  'token',
  'authorization',
  'password',
  'secret',
  'idempotencyKey',
] as const;
const DEPTHS = ['', '*.', '*.*.'] as const;

/** Writes at once: the last line before an end is the one that matters. */
export const STDOUT = 1;
export const STDERR = 2;

/**
 * Opens the log of a node: a line of JSON for each thing that happened in production, readable text elsewhere.
 *
 * @param to a stream, or a file descriptor; standard output unless given
 */
export function openLog(
  { environment, logLevel }: Pick<Config, 'environment' | 'logLevel'>,
  to: DestinationStream | number = STDOUT,
): Logger {
  const stream = typeof to === 'number' ? fileDescriptor({ dest: to, sync: true }) : to;
  return pino(
    {
      level: logLevel,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describeError(error) },
      mixin: () => ({ requestId: currentRequestId(), ...activeTraceIds() }),
      // What the line itself names comes first: a line about one order of many is of that order's trace.
      mixinMergeStrategy: (line, context) => ({ ...context, ...line }),
      redact: { paths: DEPTHS.flatMap((depth) => PERSONAL.map((name) => `${depth}${name}`)), censor: '[redacted]' },
    },
    environment === 'production' ? stream : readable(stream),
  );
}

function readable(stream: DestinationStream): DestinationStream {
  return pretty({
    // pino-pretty looks at NO_COLOR, too.
    colorize: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    destination: stream as NodeJS.WritableStream & DestinationStream,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'nodeID,module,service,namespace',
    messageFormat: '{nodeID}{if module}/{module}{end}: {msg}',
    errorLikeObjectKeys: [],
  });
}
