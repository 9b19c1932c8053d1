import { cutIntoRequests, MAX_BATCH_BYTES, PacketTooLarge, SendBatches } from '../../kafka/send-batches.ts';
import { currentRequestId, withRequestId } from '../../logs/request-context.ts';
import type { TopicMessages } from '../../kafka/client.ts';

const everyTopic = (): boolean => true;
const noTopic = (): boolean => false;

function packet(topic: string, bytes: number): { topic: string; value: Buffer; timestampMs: number } {
  return { topic, value: Buffer.alloc(bytes), timestampMs: 0 };
}

function sizes(request: TopicMessages[] | undefined): Record<string, number[]> {
  return Object.fromEntries(
    (request ?? []).map(({ topic, messages }) => [topic, messages.map(({ value }) => (value as Buffer).length)]),
  );
}

test('packets of all topics go in one request while each topic fits one batch', () => {
  const packets = [packet('a', 400_000), packet('b', 800_000), packet('a', 400_000)];
  expect(cutIntoRequests(packets, everyTopic)).toEqual([[0, 1, 2]]);
});

test('a topic that does not fit one batch is cut, in order, and the others are not', () => {
  const packets = [
    packet('a', 500_000),
    packet('a', 500_000),
    packet('b', 10),
    packet('a', 300_000),
    packet('a', 300_000),
  ];
  expect(cutIntoRequests(packets, everyTopic)).toEqual([[0, 2], [1, 3], [4]]);
});

test('no batch is above 900 KB, whatever the packets are', () => {
  const packets = Array.from({ length: 3000 }, (_, index) => packet(`t${index % 3}`, (index * 7919) % 60_000));
  const requests = cutIntoRequests(packets, everyTopic);
  expect(requests.flat().toSorted((a, b) => a - b)).toEqual(packets.map((_, index) => index));
  for (const request of requests) {
    for (const topic of ['t0', 't1', 't2']) {
      const batch = request.flatMap((index) => packets[index] ?? []).filter((each) => each.topic === topic);
      expect(batch.reduce((bytes, { value }) => bytes + value.length, 0)).toBeLessThanOrEqual(900_000);
    }
  }
});

test('a topic that is not known to exist goes alone, so that it cannot fail the others', () => {
  const packets = [packet('a', 1), packet('b', 1), packet('a', 1)];
  expect(cutIntoRequests(packets, (topic) => topic === 'b')).toEqual([[1], [0, 2]]);
  expect(cutIntoRequests(packets, noTopic)).toEqual([[0, 2], [1]]);
});

test('what is sent in one event-loop turn is one request, the next turn another', async () => {
  const requests: TopicMessages[][] = [];
  const batches = new SendBatches((request) => Promise.resolve(requests.push(request)));
  await Promise.all([batches.add(packet('a', 1)), batches.add(packet('a', 2))]);
  await Promise.all([batches.add(packet('a', 3)), Promise.resolve().then(() => batches.add(packet('a', 4)))]);
  expect(requests.map(sizes)).toEqual([{ a: [1, 2] }, { a: [3, 4] }]);
});

test('a request that carries packets of several callers is not made under the id of the first one', async () => {
  const ids: unknown[] = [];
  const batches = new SendBatches(() => Promise.resolve(ids.push(currentRequestId())));
  await withRequestId('first', async () => {
    await Promise.all([batches.add(packet('a', 1)), batches.add(packet('a', 2))]);
    expect(currentRequestId()).toBe('first');
  });
  expect(ids).toEqual([undefined]);
});

test('a packet that is too large fails alone, and nothing of it is sent', async () => {
  const requests: TopicMessages[][] = [];
  const batches = new SendBatches((request) => Promise.resolve(requests.push(request)));
  const [tooLarge, small] = await Promise.allSettled([
    batches.add(packet('a', MAX_BATCH_BYTES)),
    batches.add(packet('a', 5)),
  ]);
  expect(tooLarge).toMatchObject({ status: 'rejected', reason: expect.any(PacketTooLarge) as unknown });
  expect(small.status).toBe('fulfilled');
  expect(requests.map(sizes)).toEqual([{ a: [5] }]);
});

test('a request that fails is not sent again, and fails all its packets', async () => {
  let requests = 0;
  const batches = new SendBatches(() => {
    requests += 1;
    return Promise.reject(new Error('the answer was lost'));
  });
  const results = await Promise.allSettled([batches.add(packet('a', 1)), batches.add(packet('a', 2))]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await batches.settled();
  expect(requests).toBe(1);
});

test('a Kafka that stalls does not fill the memory: further packets are refused, unsent', async () => {
  let sent = 0;
  const batches = new SendBatches((request) => {
    sent += request.reduce((count, { messages }) => count + messages.length, 0);
    return new Promise(() => undefined);
  });
  const large = packet('a', 800_000);
  const outcomes = Array.from({ length: 100 }, () =>
    batches.add(large).catch((error: unknown) => (error as Error).name),
  );
  const refused = await Promise.race([Promise.all(outcomes.slice(84)), batches.settled()]);
  expect(refused).toEqual(Array.from({ length: 16 }, () => 'NotHandedOver'));
  expect(sent).toBe(83);
});
