import { Loggers } from 'moleculer';
import { currentRequestId } from './request-context.ts';

type Console = InstanceType<typeof Loggers.Console>;
type Bindings = Parameters<Console['getFormatter']>[0];
type Formatter = ReturnType<Console['getFormatter']>;

/**
 * Moleculer's console logger, whose lines name the request that they were written for: as the field `requestId` in JSON,
 * in front of the message in text.
 */
export class RequestLogger extends Loggers.Console {
  override getFormatter(bindings: Bindings): Formatter {
    if (this.opts.formatter === 'json') {
      // Read anew for each line; JSON leaves it out where it is undefined.
      return super.getFormatter(
        Object.defineProperty({ ...bindings }, 'requestId', { get: currentRequestId, enumerable: true }),
      );
    }
    const format = super.getFormatter(bindings);
    return (type, args: unknown[]) => {
      const requestId = currentRequestId();
      return format(type, requestId === undefined ? args : [`[${requestId}]`, ...args]);
    };
  }
}
