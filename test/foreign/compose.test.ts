import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';
import { installComposeCheck } from './tools/compose-check.ts';
import type { ComposeCheck } from './tools/compose-check.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

const ONE = join(projectRoot(), 'docker-compose.yml');
const SCALE = join(projectRoot(), 'docker-compose.scale.yml');
const THREE = join(projectRoot(), 'docker-compose.three-brokers.yml');

let compose: ComposeCheck;

beforeAll(async () => {
  compose = await installComposeCheck();
}, INSTALL_TIMEOUT_MS);

test('Docker Compose accepts docker-compose.yml: five services of one project', async () => {
  const project = await compose.load(ONE);
  expect(project.name).toBe('orders-payments');
  expect(Object.keys(project.services).sort()).toEqual(['api', 'kafka', 'orders', 'payments', 'postgres']);
});

test('Docker Compose refuses the same file with a key misspelt', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'compose-'));
  try {
    const misspelt = join(folder, 'docker-compose.yml');
    writeFileSync(misspelt, readFileSync(ONE, 'utf8').replace('depends_on:', 'depend_on:'));
    const { code, stderr } = await compose.check(misspelt);
    expect(code).toBe(1);
    expect(stderr).toContain('depend_on');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('with docker-compose.three-brokers.yml', () => {
  const BROKERS = ['kafka', 'kafka-2', 'kafka-3'] as const;

  test('there are three brokers, each with its own volume, ports and names', async () => {
    const { services } = await compose.load(ONE, THREE);
    const brokers = BROKERS.map((name) => services[name]);
    expect(brokers.map((broker) => broker?.environment['KAFKA_NODE_ID'])).toEqual(['1', '2', '3']);
    expect(new Set(brokers.map((broker) => broker?.image)).size).toBe(1);
    expect(new Set(brokers.map((broker) => broker?.volumes?.map(({ source }) => source).join()))).toEqual(
      new Set(['kafka-1-of-3-data', 'kafka-2-of-3-data', 'kafka-3-of-3-data']),
    );
    expect(brokers.map((broker) => broker?.ports?.map(({ published }) => published))).toEqual([
      ['29092'],
      ['29093'],
      ['29094'],
    ]);
    for (const [index, name] of BROKERS.entries()) {
      expect(brokers[index]?.environment).toMatchObject({
        KAFKA_ADVERTISED_LISTENERS: `INTERNAL://${name}:9092,HOST://localhost:${29_092 + index}`,
        KAFKA_MIN_INSYNC_REPLICAS: '2',
        KAFKA_DEFAULT_REPLICATION_FACTOR: '3',
      });
    }
  });

  test('the services know all three, and wait for all three', async () => {
    const { services } = await compose.load(ONE, THREE);
    for (const name of ['api', 'orders', 'payments']) {
      expect(services[name]?.environment['KAFKA_BROKERS']).toBe('kafka:9092,kafka-2:9092,kafka-3:9092');
      for (const broker of BROKERS) {
        expect(services[name]?.depends_on?.[broker]).toMatchObject({ condition: 'service_healthy' });
      }
    }
  });
});

describe('with docker-compose.scale.yml', () => {
  const SCALED = { orders: 8081, payments: 8082 } as const;

  test.each([
    ['alone', [ONE, SCALE]],
    ['after the three brokers', [ONE, THREE, SCALE]],
    ['before the three brokers', [ONE, SCALE, THREE]],
  ])('%s: three nodes each of orders and payments, none of which asks for a port of its own', async (_order, files) => {
    const { services } = await compose.load(...files);
    for (const [name, target] of Object.entries(SCALED)) {
      const { ports = [], deploy, container_name: containerName } = services[name] ?? {};
      expect([name, deploy?.replicas]).toEqual([name, 3]);
      expect(ports.map(({ published }) => published ?? '')).toEqual(['']);
      expect(ports).toMatchObject([{ target, host_ip: '127.0.0.1' }]);
      // One name has one container.
      expect(containerName).toBeUndefined();
    }
  });

  test('nothing else of any service is another', async () => {
    const [one, scaled] = [await compose.load(ONE), await compose.load(ONE, SCALE)];
    for (const [name, { ports: _ports, deploy: _deploy, ...service }] of Object.entries(scaled.services)) {
      const { ports: ports, deploy: _none, ...alone } = one.services[name] ?? {};
      expect(service).toEqual(alone);
      if (!(name in SCALED)) expect(_ports).toEqual(ports);
    }
  });
});
