import type { OwnPostgres } from '../../test/support/own-cluster.ts';
import type { Drained } from './measured-relay.ts';
import { withOrdersOutbox, type OrdersOutbox } from './orders-outbox.ts';
import type { RelayRequest } from './relay-process.ts';
import { startWorker } from './worker.ts';

/** The product's relay in a process of its own, on one fresh outbox after the other. */
export interface RelayWorker {
  /** Writes so many rows, starts the relay, and waits until they have left. */
  drain(rows: number): Promise<Drained>;
  /** Starts the relay on an empty outbox, and stops it after the use. */
  whileRunning<T>(use: (feed: Feed) => Promise<T>): Promise<T>;
  end(): void;
}

/** The outbox of a relay that runs. */
export interface Feed extends Pick<OrdersOutbox, 'url'> {
  /** Writes so many rows, tells the relay of the commit, and waits until they have left. */
  drain(rows: number): Promise<Drained>;
}

/** Starts the process; the relay itself starts with each use. */
export function startRelay(postgres: OwnPostgres, brokers: string): RelayWorker {
  const worker = startWorker<RelayRequest, Drained | null>('relay-process.ts');
  const start = (outbox: OrdersOutbox): Promise<unknown> =>
    worker.ask({ kind: 'start', databaseUrl: outbox.url, brokers });
  const untilDrained = async (rows: number): Promise<Drained> => {
    const drained = await worker.ask({ kind: 'drain', rows });
    if (drained === null) throw new Error('The relay was not started.');
    return drained;
  };
  const stop = async (outbox: OrdersOutbox): Promise<void> => {
    await worker.ask({ kind: 'stop' });
    await outbox.assertEmpty();
  };
  return {
    drain: (rows) =>
      withOrdersOutbox(postgres, async (outbox) => {
        await outbox.add(rows);
        await start(outbox);
        const drained = await untilDrained(rows);
        await stop(outbox);
        return drained;
      }),
    whileRunning: (use) =>
      withOrdersOutbox(postgres, async (outbox) => {
        await start(outbox);
        const found = await use({
          url: outbox.url,
          drain: async (rows) => {
            await outbox.add(rows);
            return untilDrained(rows);
          },
        });
        await stop(outbox);
        return found;
      }),
    end: () => {
      worker.end();
    },
  };
}
