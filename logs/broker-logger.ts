import { inspect } from 'node:util';
import { Loggers, type LogLevels } from 'moleculer';
import type { Logger } from 'pino';
import { isErrorLike } from './describe-error.ts';
import { safeText } from './safe-text.ts';

type Base = Loggers.Base<{ level: LogLevels }>;
type Bindings = Parameters<Base['getLogHandler']>[0];
type Handler = ReturnType<Base['getLogHandler']>;

/**
 * Moleculer's loggers, and so those of all services, on pino. `logger.info('Done.', { orderId })` is the line "Done."
 * with the field `orderId`; an error among the arguments becomes `err`.
 */
export class BrokerLogger extends Loggers.Base<{ level: LogLevels }> {
  readonly #log: Logger;

  constructor(log: Logger, level: LogLevels) {
    super({ level });
    this.#log = log;
  }

  override getLogHandler({ nodeID, ns, mod, svc }: Bindings): Handler {
    const log = this.#log.child({
      nodeID,
      ...(ns !== '' && { namespace: ns }),
      ...(svc === undefined ? { module: mod } : { service: svc }),
    });
    return (level, parts) => {
      if (log.isLevelEnabled(level)) write(log, level, parts);
    };
  }
}

function write(log: Logger, level: LogLevels, parts: readonly unknown[]): void {
  const fields: Record<string, unknown> = {};
  const said: string[] = [];
  for (const part of parts) {
    if (isErrorLike(part)) fields['err'] ??= part;
    else if (isFields(part)) Object.assign(fields, part);
    else said.push(typeof part === 'string' ? part : inspect(part, { depth: 1 }));
  }
  log[level](fields, safeText(said.join(' ')));
}

function isFields(part: unknown): part is object {
  return typeof part === 'object' && part !== null && [Object.prototype, null].includes(Object.getPrototypeOf(part));
}
