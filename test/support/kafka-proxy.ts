import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

const PRODUCE_API_KEY = 0;
const FETCH_API_KEY = 1;
const METADATA_API_KEY = 3;
/** size, then api key */
const REQUEST_HEAD_BYTES = 6;

/** Stands between clients and a broker, and can lose the answer of a produce request, or all that a consumer fetches. */
export interface KafkaProxy {
  readonly port: number;
  /** Says where the broker is; connections that come before wait for nothing and are closed. */
  forwardTo(port: number): void;
  /** The next produce request reaches the broker; its answer is thrown away, and the connection cut. */
  loseNextProduceAnswer(): void;
  /** Of the next answer with metadata only so many bytes arrive; its connection stays open. */
  stallNextMetadataAfter(bytes: number): void;
  /** From now on the connections that fetch now get nothing any more, and stay open. @returns how many they were */
  silenceFetches(): number;
  /** How many answers were lost so far. */
  readonly lostAnswers: number;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startKafkaProxy(): Promise<KafkaProxy> {
  const sockets = new Set<Socket>();
  /** Connections that fetch, and whether they are silenced. */
  const fetching = new Map<Socket, boolean>();
  let [target, isArmed, lostAnswers] = [0, false, 0];
  let stallAfter: number | null = null;

  const server = createServer((client) => {
    const broker = connect({ host: '127.0.0.1', port: target });
    let isAnswerToBeLost = false;
    let passes = Infinity;
    const cut = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        cut();
        sockets.delete(socket);
        fetching.delete(client);
      });
    }
    const sawRequest = watchRequests((apiKey) => {
      if (apiKey === FETCH_API_KEY && !fetching.has(client)) fetching.set(client, false);
      if (apiKey === METADATA_API_KEY && stallAfter !== null) [passes, stallAfter] = [stallAfter, null];
      if (apiKey !== PRODUCE_API_KEY || !isArmed) return;
      isArmed = false;
      isAnswerToBeLost = true;
    });
    client.on('data', (bytes) => {
      sawRequest(bytes);
      broker.write(bytes);
    });
    broker.on('data', (bytes) => {
      if (fetching.get(client) === true) return;
      if (!isAnswerToBeLost) {
        client.write(bytes.subarray(0, passes));
        passes = Math.max(0, passes - bytes.length);
        return;
      }
      // The broker answers when it has written the records.
      lostAnswers += 1;
      cut();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo: (port) => {
      target = port;
    },
    loseNextProduceAnswer: () => {
      isArmed = true;
    },
    stallNextMetadataAfter: (bytes) => {
      stallAfter = bytes;
    },
    silenceFetches: () => {
      for (const client of fetching.keys()) fetching.set(client, true);
      return fetching.size;
    },
    get lostAnswers() {
      return lostAnswers;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @returns a taker of bytes that tells of each request's API key, once its head is there */
function watchRequests(onRequest: (apiKey: number) => void): (bytes: Buffer) => void {
  let head = Buffer.alloc(0);
  let skip = 0;
  return (bytes) => {
    let rest = bytes;
    while (rest.length > 0) {
      const skipped = Math.min(skip, rest.length);
      skip -= skipped;
      rest = rest.subarray(skipped);
      const taken = rest.subarray(0, REQUEST_HEAD_BYTES - head.length);
      head = Buffer.concat([head, taken]);
      rest = rest.subarray(taken.length);
      if (head.length < REQUEST_HEAD_BYTES) return;
      onRequest(head.readInt16BE(4));
      skip = head.readInt32BE(0) - 2;
      head = Buffer.alloc(0);
    }
  };
}
