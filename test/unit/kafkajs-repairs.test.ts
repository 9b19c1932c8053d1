import { Socket } from 'node:net';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { repairKafkajs } from '../../kafka/kafkajs-repairs.ts';

beforeAll(repairKafkajs);
beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

interface Queue {
  readonly queue: RequestQueue;
  readonly sent: number[];
  readonly push: (...ids: number[]) => void;
  readonly answer: (correlationId: number) => void;
}

function newQueue(): Queue {
  const queue = new RequestQueue({
    requestTimeout: 1000,
    maxInFlightRequests: 1,
    enforceRequestTimeout: false,
    clientId: 'unit',
    broker: '127.0.0.1:9092',
    logger: { debug: () => undefined, warn: () => undefined },
    isConnected: () => true,
  });
  const sent: number[] = [];
  return {
    queue,
    sent,
    push: (...ids) => {
      for (const correlationId of ids) {
        const entry = { correlationId, resolve: () => undefined, reject: () => undefined };
        queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
      }
    },
    answer: (correlationId) => {
      queue.fulfillRequest({ correlationId, payload: Buffer.alloc(0), size: 0 });
    },
  };
}

test('a connection with nothing to send sets no timer', () => {
  const { push, answer, sent } = newQueue();
  push(1);
  answer(1);
  expect(sent).toEqual([1]);
  expect(jest.getTimerCount()).toBe(0);
});

test('what waits for a place is sent when there is one, in order', () => {
  const { push, answer, sent } = newQueue();
  push(1, 2, 3);
  expect(sent).toEqual([1]);
  answer(1);
  expect(sent).toEqual([1, 2]);
  answer(2);
  expect(sent).toEqual([1, 2, 3]);
  answer(3);
  jest.advanceTimersByTime(100);
  expect(jest.getTimerCount()).toBe(0);
});

test('what waits for the end of a throttle is sent then', () => {
  const { queue, push, sent } = newQueue();
  queue.maybeThrottle(200);
  push(1);
  jest.advanceTimersByTime(190);
  expect(sent).toEqual([]);
  jest.advanceTimersByTime(20);
  expect(sent).toEqual([1]);
});

test('requests that come while a connection is opened wait for its one socket', async () => {
  const opened: (() => void)[] = [];
  const logger = { namespace: () => logger, debug: () => undefined, error: () => undefined };
  const connection = new Connection({
    host: '127.0.0.1',
    port: 9092,
    logger,
    connectionTimeout: 1000,
    socketFactory: ({ onConnect }) => {
      opened.push(onConnect);
      return new Socket();
    },
  });
  const connecting = [connection.connect(), connection.connect(), connection.connect()];
  expect(opened).toHaveLength(1);
  for (const onConnect of opened) onConnect();
  await expect(Promise.all(connecting)).resolves.toEqual([true, true, true]);
});
