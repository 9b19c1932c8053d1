import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Connection from 'kafkajs/src/network/connection.js';
import { openForKafkajs } from '../../kafka/sockets.ts';
import { eventually } from '../support/eventually.ts';

let server: Server;
let accepted = 0;

beforeEach(async () => {
  accepted = 0;
  server = createServer((socket) => {
    accepted++;
    socket.on('error', () => undefined).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

function newConnection(): Connection {
  const logger = { namespace: () => logger, debug: () => undefined, error: () => undefined };
  return new Connection({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    logger,
    connectionTimeout: 60_000,
    enforceRequestTimeout: true,
    requestTimeout: 60_000,
    socketFactory: ({ host, port, onConnect }) =>
      openForKafkajs((connected) => connect({ host, port }, connected), onConnect),
  });
}

test('a connection that is ended while it is opened is not open afterwards, and says so at once', async () => {
  const connection = newConnection();
  const connecting = expect(connection.connect()).rejects.toThrow(/given up before it was open/);
  await connection.disconnect();
  await connecting;
  // Until the broker would have let it in.
  await once(connect({ port: (server.address() as AddressInfo).port }).end(), 'close');
  await nextTurn();
  expect(connection.isConnected()).toBe(false);
});

test('it can be opened again, and ended', async () => {
  const connection = newConnection();
  const connecting = expect(connection.connect()).rejects.toThrow(/given up/);
  await connection.disconnect();
  await connecting;
  await expect(connection.connect()).resolves.toBe(true);
  expect(connection.isConnected()).toBe(true);
  await eventually(() => {
    expect(accepted).toBe(1);
  });
  await connection.disconnect();
  expect(connection.isConnected()).toBe(false);
});

test('one that nobody lets in says why, once', async () => {
  const connection = newConnection();
  await new Promise((resolve) => server.close(resolve));
  const port = Reflect.get(connection, 'port') as number;
  await expect(connection.connect()).rejects.toThrow(`connect ECONNREFUSED 127.0.0.1:${port}`);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
});
