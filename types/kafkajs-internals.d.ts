/** What kafkajs 2.2.4 has inside, as far as `kafka/kafkajs-repairs.ts` touches it. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    constructor(options: {
      readonly requestTimeout: number;
      readonly maxInFlightRequests?: number | null;
      readonly enforceRequestTimeout: boolean;
      readonly clientId: string;
      readonly broker: string;
      readonly logger: { readonly debug: () => void; readonly warn: () => void };
      readonly isConnected: () => boolean;
    });
    /** Requests that wait for a place among those in flight, or for the end of a throttle. */
    pending: unknown[];
    /** Milliseconds since the epoch; -1 when the broker has never throttled. */
    throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    push(request: {
      readonly entry: {
        readonly correlationId: number;
        readonly resolve: () => void;
        readonly reject: (error: Error) => void;
      };
      readonly expectResponse: boolean;
      readonly sendRequest: () => void;
    }): void;
    fulfillRequest(response: { correlationId: number; payload: Buffer; size: number }): void;
    maybeThrottle(milliseconds: number): void;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}

declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net';

  interface Logger {
    namespace(): Logger;
    debug(): void;
    error(): void;
  }

  export default class Connection {
    constructor(options: {
      readonly host: string;
      readonly port: number;
      readonly logger: Logger;
      readonly socketFactory: (target: { host: string; port: number; onConnect: () => void }) => Socket;
      readonly connectionTimeout: number;
      readonly enforceRequestTimeout?: boolean;
      readonly requestTimeout?: number;
    });
    connect: (this: Connection) => Promise<true>;
    disconnect(): Promise<true>;
    isConnected(): boolean;
  }
}
