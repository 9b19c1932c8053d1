import { createKafka, NO_RETRY } from '../../kafka/client.ts';
import { startKafkaProxy, type KafkaProxy } from '../support/kafka-proxy.ts';
import { ownKafka, type OwnKafka } from '../support/own-cluster.ts';
import { silentLogger } from '../support/silent-logger.ts';

let proxy: KafkaProxy;
let kafka: OwnKafka;

beforeAll(async () => {
  proxy = await startKafkaProxy();
  kafka = await ownKafka();
  proxy.forwardTo(Number(kafka.brokers.split(':')[1]));
}, 120_000);

afterAll(async () => {
  await kafka.remove();
  await proxy.close();
});

test.each([2, 6, 30])(
  'what came of a response before its connection was given up (%d bytes) is forgotten with it',
  async (bytes) => {
    const config = { brokers: [`127.0.0.1:${proxy.port}`], tls: null, sasl: null };
    const admin = createKafka(config, 'stalled', silentLogger, { retry: NO_RETRY, requestTimeoutMs: 1500 }).admin({
      retry: NO_RETRY,
    });
    await admin.connect();
    proxy.stallNextMetadataAfter(bytes);
    await expect(admin.listTopics()).rejects.toThrow(/timed out/);
    // kafkajs takes the same connection again, with a new socket.
    await admin.disconnect();
    await admin.connect();
    await expect(admin.listTopics()).resolves.toEqual(expect.any(Array));
    await admin.disconnect();
  },
);
