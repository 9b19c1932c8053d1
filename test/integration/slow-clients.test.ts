import { once } from 'node:events';
import { eventually } from '../support/eventually.ts';
import { openConnection, send, sendBytes } from '../support/http-client.ts';
import { gate } from '../support/gate.ts';
import { ORDER_ID, startRestNode, type RestNode } from '../support/rest-node.ts';

const LIST = 'GET /api/orders?userId=alice HTTP/1.1\r\nHost: x\r\n';
/** More than the buffers of both ends of a connection take. */
const LARGE_ANSWER_BYTES = 24_000_000;

let node: RestNode;

afterEach(async () => {
  await node.broker.stop();
});

test('a connection that never sends anything is closed', async () => {
  node = await startRestNode({}, { receiveTimeoutMs: 300 });
  const text = await sendBytes(node.port, '');
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
});

test('a client that sends a header now and then is no less late', async () => {
  node = await startRestNode({}, { receiveTimeoutMs: 300 });
  const socket = openConnection(node.port);
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(LIST);
  const drip = setInterval(() => socket.write('X: y\r\n'), 50);
  await once(socket, 'close');
  clearInterval(drip);
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
  expect(node.calls).toEqual([]);
});

test('a client that does not read its answer loses its connection, and others go on', async () => {
  const items = [{ amount: '1', description: 'x'.repeat(LARGE_ANSWER_BYTES) }];
  node = await startRestNode({ 'orders.list': () => ({ items, nextCursor: null }) }, { readTimeoutMs: 200 });
  const socket = openConnection(node.port);
  socket.pause();
  socket.write(`${LIST}\r\n`);
  await eventually(() => {
    expect(node.service.listener.openAnswers).toBe(1);
  });
  expect((await send(node.port, '/health/live')).status).toBe(200);
  await eventually(() => {
    expect(node.service.listener.openAnswers).toBe(0);
  });
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'close');
  expect(bytes).toBeLessThan(LARGE_ANSWER_BYTES);
});

test('a client that reads a long answer gets all of it', async () => {
  const items = [{ amount: '1', description: 'x'.repeat(LARGE_ANSWER_BYTES) }];
  node = await startRestNode({ 'orders.list': () => ({ items, nextCursor: null }) });
  const answer = await send(node.port, '/api/orders?userId=alice');
  expect(answer.text.length).toBeGreaterThan(LARGE_ANSWER_BYTES);
});

test('of requests that are pipelined without end, a connection has a bounded number under way', async () => {
  const { passed, open } = gate();
  node = await startRestNode({
    'orders.list': async () => {
      await passed;
      return { items: [], nextCursor: null };
    },
  });
  const answers = sendBytes(node.port, `${`${LIST}\r\n`.repeat(499)}${LIST}Connection: close\r\n\r\n`);
  await eventually(() => {
    expect(node.calls).toHaveLength(64);
  });
  open();
  const statuses = (await answers).match(/HTTP\/1\.1 (\d+)/g) ?? [];
  expect(statuses).toHaveLength(500);
  expect(statuses.filter((status) => status.endsWith('200'))).toHaveLength(64);
  expect(statuses.filter((status) => status.endsWith('429'))).toHaveLength(436);
});

test.each([
  ['a call', `${LIST}\r\n`],
  [
    'a body',
    'POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n{"userId":"alice","amount":1}',
  ],
  ['a body that is refused unread', 'POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd'],
  ['a stream', `GET /api/orders/${ORDER_ID}/events HTTP/1.1\r\nHost: x\r\n\r\n`],
  ['an upgrade', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['no HTTP', 'EHLO example.com\r\n\r\n'],
  ['several at once', `${LIST}\r\n${LIST}\r\nEHLO\r\n\r\n`],
])('%s whose client resets the connection, at any byte of it, harms nobody', async (_what, bytes) => {
  node = await startRestNode();
  for (let sent = 1; sent <= bytes.length; sent++) {
    const socket = openConnection(node.port);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(bytes.slice(0, sent));
    socket.resetAndDestroy();
    await once(socket, 'close');
  }
  await eventually(() => {
    expect(node.service.listener.openAnswers).toBe(0);
  });
  expect((await send(node.port, '/health/live')).status).toBe(200);
});
