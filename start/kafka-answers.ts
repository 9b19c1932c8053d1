import { connect } from 'node:net';

// size, api key 18 (ApiVersions), version 0, correlation id, no client id
const API_VERSIONS_REQUEST = Buffer.from('0000000a' + '0012' + '0000' + '00000001' + 'ffff', 'hex');
const ANSWER_TIMEOUT_MS = 1000;
// size, correlation id, error code, count
const SHORTEST_ANSWER_BYTES = 14;

/**
 * Whether a Kafka broker answers here: the first request of every Kafka client, by hand, since a port that accepts is
 * not yet a broker that works, and only `kafka/client.ts` knows the client library.
 *
 * @returns false when nobody listens, or no answer comes within a second.
 */
export async function kafkaAnswers(host: string, port: number): Promise<boolean> {
  return (await apiVersionsOf(host, port)) !== undefined;
}

/**
 * Which requests a broker takes.
 *
 * @returns the lowest version of each, by its number; undefined when no broker answers within a second.
 */
export function apiVersionsOf(host: string, port: number): Promise<ReadonlyMap<number, number> | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const finish = (answer: ReadonlyMap<number, number> | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    const giveUp = (): void => {
      finish(undefined);
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, giveUp);
    socket.once('error', giveUp);
    socket.once('close', giveUp);
    socket.once('connect', () => socket.write(API_VERSIONS_REQUEST));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length >= 4 && received.length >= received.readInt32BE(0) + 4) finish(readApiVersions(received));
    });
  });
}

/** After size, correlation id and error code: a count, and for each its number, lowest and highest version. */
function readApiVersions(answer: Buffer): ReadonlyMap<number, number> | undefined {
  if (answer.length < SHORTEST_ANSWER_BYTES || answer.readInt32BE(4) !== 1 || answer.readInt16BE(8) !== 0) {
    return undefined;
  }
  const apis = new Map<number, number>();
  for (let at = SHORTEST_ANSWER_BYTES; at + 6 <= answer.length; at += 6) {
    apis.set(answer.readInt16BE(at), answer.readInt16BE(at + 2));
  }
  return apis;
}

/**
 * Whether at least one of these brokers accepts connections; with TLS or SASL in between, no more can be asked by hand.
 *
 * @param brokers `host:port` each.
 */
export async function someBrokerListens(brokers: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(brokers.map(accepts));
  return answers.includes(true);
}

function accepts(broker: string): Promise<boolean> {
  const colon = broker.lastIndexOf(':');
  const host = broker.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(broker.slice(colon + 1)), timeout: CONNECT_TIMEOUT_MS });
    for (const [event, answer] of [
      ['connect', true] as const,
      ['error', false] as const,
      ['timeout', false] as const,
    ]) {
      socket.once(event, () => {
        socket.destroy();
        resolve(answer);
      });
    }
  });
}

// A broker may be across the world.
const CONNECT_TIMEOUT_MS = 5000;
