import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { doorAccess, loadConfig } from '../../../config/config.ts';
import { SECTIONS } from '../../../config/settings.ts';
import { unknownVariables } from '../../../config/unknown-variables.ts';
import { eventTopics } from '../../../events/topics.ts';
import { brokerOptions } from '../../../moleculer.config.ts';
import { V8_FLAGS } from '../../../start/node-process.ts';
import { durationMs, readComposeFile, serviceOf } from '../../support/containers/compose-file.ts';
import {
  kubernetesFiles,
  kubernetesObjects,
  kustomization,
  type Container,
  type KubernetesObject,
  type Labels,
  type PodSpec,
} from '../../support/containers/kubernetes-files.ts';

/** What a stop takes besides requests and calls: last connections, consumers, relays, pools. */
const REST_OF_A_STOP_MS = 5000;
const MIB = 1024 * 1024;

const NODES = ['api', 'orders', 'payments'] as const;
const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;
const objects = kubernetesObjects();
const ofKind = (kind: string): KubernetesObject[] => objects.filter((object) => object.kind === kind);
const deployments = ofKind('Deployment');
const jobs = ofKind('Job');
const workloads = [...deployments, ...jobs];
const settings = new Map(
  SECTIONS.flatMap((section) => Object.values(section.settings)).map((each) => [each.name, each]),
);

function named(list: readonly KubernetesObject[], name: string): KubernetesObject {
  const found = list.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

function podOf({ spec }: KubernetesObject): PodSpec {
  return spec.template.spec;
}

function containerOf(workload: KubernetesObject): Container {
  const [container, ...others] = podOf(workload).containers;
  if (container === undefined || others.length > 0) throw new Error(`${workload.metadata.name} has one container.`);
  return container;
}

function secretValue(secret: string, key: string): string | undefined {
  return named(ofKind('Secret'), secret).stringData?.[key];
}

/** The environment that a container gets with the secrets of the example. */
function environmentOf(workload: KubernetesObject): Record<string, string> {
  const { env, envFrom = [] } = containerOf(workload);
  const shared = envFrom.map(({ configMapRef }) => named(ofKind('ConfigMap'), configMapRef.name).data ?? {});
  const own = env.flatMap(({ name, value, valueFrom }) => {
    const reference = valueFrom?.secretKeyRef;
    const found = reference === undefined ? value : secretValue(reference.name, reference.key);
    if (found === undefined && reference?.optional !== true) throw new Error(`${name} has no value.`);
    return found === undefined ? [] : [[name, found] as const];
  });
  return Object.assign({}, ...shared, Object.fromEntries(own)) as Record<string, string>;
}

function matches(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

function bytes(quantity: string | undefined): number {
  const [, number, unit] = /^(\d+)(Mi|Gi)$/.exec(quantity ?? '') ?? [];
  return Number(number) * (unit === 'Gi' ? 1024 : 1) * MIB;
}

function flag(name: string): number {
  const found = V8_FLAGS.find((each) => each.startsWith(`--${name}=`));
  return Number(found?.split('=')[1]);
}

test('kustomization.yaml has every file but the example of secrets, and no secret', () => {
  expect([...kustomization().resources, 'secrets.example.yaml'].sort()).toEqual(kubernetesFiles().sort());
  expect(new Set(ofKind('Secret').map(({ file }) => file))).toEqual(new Set(['secrets.example.yaml']));
});

test('everything lives in the one namespace, which takes only pods without privileges', () => {
  const [namespace] = ofKind('Namespace');
  expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  for (const { kind, metadata } of objects) {
    if (kind !== 'Namespace') {
      expect([kind, metadata.name, metadata.namespace]).toEqual([kind, metadata.name, namespace?.metadata.name]);
    }
  }
});

test('there is a deployment for each service and a job for each database', () => {
  expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual([...NODES]);
  const suffix = version.replaceAll('.', '-');
  expect(jobs.map(({ metadata }) => metadata.name).sort()).toEqual([
    `orders-migrations-${suffix}`,
    `payments-migrations-${suffix}`,
  ]);
});

describe.each(workloads.map((workload) => [workload.metadata.name, workload] as const))('%s', (name, workload) => {
  const pod = podOf(workload);
  const container = containerOf(workload);

  test('has an image of this version, never "latest"', () => {
    expect(container.image).toBe(`orders-payments:${version}`);
    expect(kustomization().images).toMatchObject([{ name: 'orders-payments', newTag: version }]);
  });

  test('runs without root, privileges, a writable disk or a token of the cluster', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    const account = named(ofKind('ServiceAccount'), pod.serviceAccountName);
    expect(account).toMatchObject({ automountServiceAccountToken: false });
  });

  test('gets no variables of services, which would be taken for settings', () => {
    expect(pod.enableServiceLinks).toBe(false);
  });

  test('requests what it needs, and has a limit of memory', () => {
    expect(container.resources.requests['cpu']).toMatch(/^\d+m$/);
    expect(bytes(container.resources.requests['memory'])).toBe(bytes(container.resources.limits['memory']));
    expect(bytes(container.resources.limits['memory'])).toBeGreaterThan(0);
  });

  test('has an environment that the configuration knows and takes', () => {
    const env = environmentOf(workload);
    expect(Object.keys(env).filter((variable) => !settings.has(variable))).toEqual([]);
    expect(unknownVariables(env)).toEqual([]);
    expect(loadConfig(env).environment).toBe('production');
  });

  test('has secrets by reference alone, under the name of the setting', () => {
    for (const { name: variable, value, valueFrom } of container.env) {
      const isSecret = settings.get(variable)?.isSecret === true;
      expect([variable, isSecret && value !== undefined]).toEqual([variable, false]);
      if (valueFrom !== undefined) expect(valueFrom.secretKeyRef.key).toBe(variable);
    }
    for (const { data = {} } of ofKind('ConfigMap')) {
      expect(Object.keys(data).filter((variable) => settings.get(variable)?.isSecret)).toEqual([]);
    }
  });

  test('mounts what its environment names, read-only, from secrets that the example has', () => {
    const mounted = (container.volumeMounts ?? []).flatMap(({ name: volume, mountPath, readOnly }) => {
      expect(readOnly).toBe(true);
      const secret = pod.volumes?.find((each) => each.name === volume)?.secret;
      return (secret?.items ?? []).map(({ key, path }) => {
        expect([key, secretValue(secret?.secretName ?? '', key)]).toEqual([key, expect.any(String)]);
        return posix.join(mountPath, path);
      });
    });
    const files = Object.entries(environmentOf(workload)).filter(([variable]) => variable.endsWith('_FILE'));
    expect(files.map(([, path]) => path).sort()).toEqual(mounted.sort());
  });

  test('is let through to what it needs, and to no more', () => {
    const policies = ofKind('NetworkPolicy');
    const allowed = (policy: string): readonly string[] =>
      named(policies, policy).spec.podSelector?.matchExpressions?.[0]?.values ?? [];
    const label = workload.spec.template.metadata.labels['app.kubernetes.io/name'] ?? '';
    expect(allowed('to-postgres')).toContain(label);
    expect(allowed('to-kafka').includes(label)).toBe(workload.kind === 'Deployment');
    expect(named(policies, 'nothing-else').spec.podSelector).toEqual({});
    expect(name).toContain(label);
  });
});

describe.each(NODES)('the deployment of %s', (name) => {
  const deployment = named(deployments, name);
  const pod = podOf(deployment);
  const container = containerOf(deployment);
  const { labels } = deployment.spec.template.metadata;
  const config = loadConfig(environmentOf(deployment));

  test('runs what docker-compose.yml runs', () => {
    expect(container.command.join(' ')).toBe(serviceOf(readComposeFile(), name).command);
  });

  test('opens its door at the port that probes, service and network policy name', () => {
    const port = { api: config.http.apiPort, orders: config.http.ordersPort, payments: config.http.paymentsPort }[name];
    expect(container.ports).toMatchObject([{ name: 'http', containerPort: port }]);
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      expect(probe?.httpGet.port).toBe('http');
    }
    expect(named(ofKind('Service'), name).spec.ports).toMatchObject([{ port, targetPort: 'http' }]);
    expect(named(ofKind('NetworkPolicy'), `to-${name}`).spec.ingress).toMatchObject([{ ports: [{ port }] }]);
    expect(doorAccess(config.access).auth.mode).toBe('jwt');
  });

  test('is restarted when it does not live, and sent to only while it is ready', () => {
    expect(container.startupProbe?.httpGet.path).toBe('/health/live');
    expect(container.livenessProbe?.httpGet.path).toBe('/health/live');
    expect(container.readinessProbe?.httpGet.path).toBe('/health/ready');
  });

  test('has time to stop: preStop, what is in flight, calls, and the rest; the same with Docker Compose', () => {
    const { tracking } = brokerOptions(config, 'node');
    const stopMs = config.requestTimeoutMs + (tracking?.shutdownTimeout ?? 0) + REST_OF_A_STOP_MS;
    const preStopMs = (container.lifecycle?.preStop.sleep.seconds ?? 0) * 1000;
    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(preStopMs + stopMs);
    expect(durationMs(serviceOf(readComposeFile(), name).stop_grace_period ?? '0s')).toBeGreaterThanOrEqual(stopMs);
  });

  test('is off its service before SIGTERM, even where only the probe tells', () => {
    const { periodSeconds, timeoutSeconds, failureThreshold } = container.readinessProbe ?? {
      periodSeconds: Infinity,
      timeoutSeconds: 0,
      failureThreshold: 1,
    };
    expect(container.lifecycle?.preStop.sleep.seconds).toBeGreaterThanOrEqual(
      (periodSeconds + timeoutSeconds) * failureThreshold,
    );
  });

  test('has memory for the heap that it is allowed, and a fifth beside', () => {
    const heapMib = flag('max-old-space-size') + 3 * flag('max-semi-space-size');
    expect(bytes(container.resources.limits['memory'])).toBeGreaterThan(heapMib * MIB * 1.2);
  });

  test('is rolled without ever being fewer', () => {
    expect(deployment.spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
  });

  test('is selected by its deployment, service, disruption budget, spread, and by no other', () => {
    const selectorOf = (object: KubernetesObject): Labels =>
      object.spec.selector?.matchLabels ?? object.spec.selector ?? {};
    for (const object of [deployment, named(ofKind('Service'), name), named(ofKind('PodDisruptionBudget'), name)]) {
      const selected = workloads.filter((each) => matches(selectorOf(object), each.spec.template.metadata.labels));
      expect([object.kind, selected.map(({ metadata }) => metadata.name)]).toEqual([object.kind, [name]]);
    }
    expect(pod.topologySpreadConstraints).toHaveLength(2);
    for (const { labelSelector } of pod.topologySpreadConstraints ?? []) {
      expect(matches(labelSelector.matchLabels, labels)).toBe(true);
    }
    expect(matches(named(ofKind('NetworkPolicy'), `to-${name}`).spec.podSelector?.matchLabels ?? {}, labels)).toBe(
      true,
    );
  });

  test('is scaled by an autoscaler that finds it: two at least, no more than partitions', () => {
    const { spec } = named(ofKind('HorizontalPodAutoscaler'), name);
    expect(spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name });
    expect(deployment.spec.replicas).toBeUndefined();
    expect(spec.minReplicas).toBeGreaterThanOrEqual(2);
    expect(spec.maxReplicas).toBeGreaterThan(spec.minReplicas ?? Infinity);
    expect(spec.maxReplicas).toBeLessThanOrEqual(eventTopics('').orders.partitions);
  });

  test('waits for its job rather than migrating', () => {
    expect(config.orders.migratesOnStart).toBe(false);
  });
});

test.each(['orders', 'payments'] as const)(
  'the job of %s migrates its own database by a command of the image, and has no other',
  (name) => {
    const job = named(jobs, `${name}-migrations-${version.replaceAll('.', '-')}`);
    const { command } = containerOf(job);
    expect(command).toEqual(['node', 'deploy/migrate.ts', '--database', name]);
    expect(readFileSync('Dockerfile', 'utf8')).toContain(command[1]);
    const nodes = environmentOf(named(deployments, name));
    const url = `${name.toUpperCase()}_DATABASE_URL`;
    expect(environmentOf(job)).toEqual({ NODE_ENV: 'production', [url]: nodes[url] });
    expect(podOf(job).restartPolicy).toBe('Never');
  },
);

test('nodes that are given no slot lease one: the gateway, too, which has no database', () => {
  expect(environmentOf(named(deployments, 'api'))['NODE_SLOT_DATABASE_URL']).toBeDefined();
  for (const deployment of deployments) expect(environmentOf(deployment)['NODE_SLOT']).toBeUndefined();
});

test('no service can reach the database of the other but by the role of the audit', () => {
  const users = (name: string): string[] =>
    Object.values(environmentOf(named(deployments, name))).flatMap((value) =>
      value.startsWith('postgres:') ? [`${new URL(value).username}@${new URL(value).pathname}`] : [],
    );
  expect(users('api')).toEqual(['gateway@/orders']);
  expect(users('orders')).toEqual(['orders@/orders']);
  expect(users('payments').sort()).toEqual(['auditor@/orders', 'auditor@/payments', 'payments@/payments']);
});
