import { join } from 'node:path';
import { eventTopics } from '../../events/topics.ts';
import { createKafka, TOPIC_RESOURCE } from '../../kafka/client.ts';
import type { Admin, Kafka } from '../../kafka/client.ts';
import { ensureEventTopics } from '../../kafka/topics.ts';
import { projectRoot } from '../../start/project-root.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runBrokerContainers } from './support/broker-container.ts';
import type { BrokerContainer } from './support/broker-container.ts';
import { installComposeCheck } from './tools/compose-check.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

const ONE = join(projectRoot(), 'docker-compose.yml');
const THREE = join(projectRoot(), 'docker-compose.three-brokers.yml');
const TOPIC = eventTopics('').orders;
// Every second was not known yet to the broker that was asked.
const TOPICS_MADE = 10;
// The protocol's number for a broker, in requests about settings.
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- kafkajs hides its enum from ES modules
const BROKER_RESOURCE = 4 as Parameters<Admin['describeConfigs']>[0]['resources'][number]['type'];

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

/** What Docker Compose makes of the files, run on the jars of the same Kafka. */
describe.each([
  { files: [ONE], copies: 1, minInsync: '1' },
  { files: [ONE, THREE], copies: 3, minInsync: '2' },
])('the Kafka of the compose files, $copies broker(s)', ({ files, copies, minInsync }) => {
  const folder = temporaryFolder();
  let brokers: BrokerContainer[] = [];
  let kafka: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    const { services } = await (await installComposeCheck()).load(...files);
    const environments = Object.fromEntries(
      Object.entries(services)
        .filter(([name]) => name.startsWith('kafka'))
        .map(([name, service]) => [name, service.environment]),
    );
    brokers = await runBrokerContainers(environments, folder.path);
    kafka = createKafka({ brokers: brokers.map(({ address }) => address), tls: null, sasl: null }, 'foreign', silent);
    admin = kafka.admin();
    await admin.connect();
  }, INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    // Also when it was never made.
    await (admin as Admin | undefined)?.disconnect();
    await Promise.all(brokers.map((broker) => broker.kill()));
    folder.remove();
  });

  test('knows every setting, and has taken it', async () => {
    for (const broker of brokers) {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: BROKER_RESOURCE, name: broker.settings['node.id'] ?? '' }],
      });
      const taken = new Map(
        resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
      );
      const wrong = Object.entries(broker.settings).filter(([name, value]) => taken.get(name) !== value);
      expect(wrong).toEqual([]);
    }
  });

  test(`a topic of events has ${copies} copies; ${minInsync} of them confirm a record`, async () => {
    await eventually(async () => {
      expect((await admin.describeCluster()).brokers).toHaveLength(copies);
    });
    await ensureEventTopics(admin, [TOPIC], silent);
    // One broker knows it by now; each request may go to another.
    const { topics } = await eventually(() => admin.fetchTopicMetadata({ topics: [TOPIC.name] }));
    expect(topics[0]?.partitions.map(({ replicas }) => replicas.length)).toEqual(
      Array<number>(TOPIC.partitions).fill(copies),
    );
    await eventually(async () => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: TOPIC_RESOURCE, name: TOPIC.name, configNames: ['min.insync.replicas'] }],
      });
      expect(resources[0]?.configEntries[0]?.configValue).toBe(minInsync);
    });
  });

  test('topics are ready as soon as whoever made them goes on, whichever broker answers', async () => {
    for (let attempt = 0; attempt < TOPICS_MADE; attempt += 1) {
      await ensureEventTopics(admin, [{ ...TOPIC, name: `made.${attempt}` }], silent);
    }
  });

  if (copies > 1) {
    test('a record to every partition is confirmed while one broker is away', async () => {
      await brokers[2]?.stop();
      const producer = kafka.producer({ retry: { retries: 10 } });
      await producer.connect();
      const messages = Array.from({ length: TOPIC.partitions }, (_, partition) => ({ partition, value: 'x' }));
      const confirmed = await producer.send({ topic: TOPIC.name, acks: -1, messages });
      expect(confirmed.map(({ partition, errorCode }) => [partition, errorCode]).sort(byFirst)).toEqual(
        messages.map(({ partition }) => [partition, 0]),
      );
      await producer.disconnect();
    }, 90_000);
  }
});

function byFirst(a: (number | undefined)[], b: (number | undefined)[]): number {
  return (a[0] ?? 0) - (b[0] ?? 0);
}
