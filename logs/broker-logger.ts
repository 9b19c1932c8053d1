import { inspect } from 'node:util';
import { Loggers, type LogLevels } from 'moleculer';
import type { Logger } from 'pino';
import { isErrorLike } from './describe-error.ts';
import { safeText } from './safe-text.ts';

/** JSON with a name twice is read differently everywhere. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'nodeID', 'namespace', 'service', 'module']);

type Base = Loggers.Base<{ level: LogLevels }>;
type Bindings = Parameters<Base['getLogHandler']>[0];
type Handler = ReturnType<Base['getLogHandler']>;

/**
 * Moleculer's loggers, and so those of all services, on pino. `logger.info('Done.', { orderId })` is the line "Done."
 * with the field `orderId`; an error among the arguments becomes `err`.
 */
export class BrokerLogger extends Loggers.Base<{ level: LogLevels }> {
  readonly #log: Logger;
  readonly #level: LogLevels;

  constructor(log: Logger, level: LogLevels) {
    super({ level });
    this.#log = log;
    this.#level = level;
  }

  override getLogHandler({ nodeID, ns, mod, svc }: Bindings): Handler {
    const log = this.#log.child({
      nodeID,
      ...(ns !== '' && { namespace: ns }),
      ...(svc === undefined ? { module: mod } : { service: svc }),
    });
    // Moleculer's own parts tell each packet at `debug`: those lines are of its inside.
    if (svc === undefined && this.#level === 'debug') log.level = 'info';
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
    else if (isFields(part)) addFields(fields, part);
    else said.push(typeof part === 'string' ? part : inspect(part, { depth: 1 }));
  }
  log[level](fields, safeText(said.join(' ')));
}

/** Of Moleculer's own lines some name another node, which is not theirs. */
function addFields(fields: Record<string, unknown>, part: object): void {
  for (const [name, value] of Object.entries(part)) {
    fields[OWN_FIELDS.has(name) ? `its_${name}` : name] = value as unknown;
  }
}

function isFields(part: unknown): part is object {
  if (typeof part !== 'object' || part === null) return false;
  const prototype: unknown = Object.getPrototypeOf(part);
  return prototype === Object.prototype || prototype === null;
}
