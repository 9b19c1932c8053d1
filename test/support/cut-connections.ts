import net from 'node:net';
import { once } from 'node:events';

/** Kafka's number of a produce request: bytes 4 and 5 of its frame. */
const PRODUCE = 0;

export interface ConnectionCutter {
  /** How many connections were cut so far. */
  readonly cuts: number;
  /** Produce requests that came by, those that were cut included. */
  readonly produceRequests: number;
  /** Produce requests that one connection had under way at once, at most. */
  readonly mostUnderWay: number;
  /** Cuts the next `times` connections that carry a produce request: before Kafka gets it, or before its answer comes back. */
  cutNextProduce(lose: 'request' | 'answer', times?: number): void;
  /** Connections go straight to Kafka again. */
  close(): Promise<void>;
}

/**
 * Puts itself between every new Kafka connection of this process and Kafka. Works on `net.connect`, because Kafka tells
 * its clients its own address, past any proxy.
 */
export async function cutConnectionsTo(brokers: string): Promise<ConnectionCutter> {
  const port = Number(brokers.split(':').at(-1));
  const state = { cuts: 0, produceRequests: 0, mostUnderWay: 0, lose: 'request' as 'request' | 'answer', left: 0 };
  const connect = net.connect.bind(net) as (options: net.NetConnectOpts, done?: () => void) => net.Socket;

  const server = net.createServer((client) => {
    const kafka = connect({ host: '127.0.0.1', port });
    let isDoomed = false;
    let underWay = 0;
    const cut = (): void => {
      client.resetAndDestroy();
      kafka.resetAndDestroy();
    };
    for (const socket of [client, kafka]) {
      socket.on('error', cut);
      socket.on('end', cut);
    }
    client.on('data', (chunk) => {
      const isProduce = chunk.length > 6 && chunk.readInt16BE(4) === PRODUCE;
      if (isProduce) {
        state.produceRequests++;
        state.mostUnderWay = Math.max(state.mostUnderWay, ++underWay);
      }
      if (isProduce && !isDoomed && state.left > 0) {
        isDoomed = true;
        state.left--;
        state.cuts++;
        if (state.lose === 'request') {
          cut();
          return;
        }
      }
      kafka.write(chunk);
    });
    kafka.on('data', (chunk) => {
      underWay = 0;
      if (isDoomed) cut();
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxyPort = (server.address() as net.AddressInfo).port;

  const spy = jest
    .spyOn(net, 'connect')
    .mockImplementation(((options: net.TcpNetConnectOpts, done?: () => void) =>
      connect(options.port === port ? { ...options, port: proxyPort } : options, done)) as typeof net.connect);
  return {
    get cuts() {
      return state.cuts;
    },
    get produceRequests() {
      return state.produceRequests;
    },
    get mostUnderWay() {
      return state.mostUnderWay;
    },
    cutNextProduce: (lose, times = 1) => {
      state.lose = lose;
      state.left = times;
    },
    close: async () => {
      spy.mockRestore();
      server.close();
      await Promise.resolve();
    },
  };
}
