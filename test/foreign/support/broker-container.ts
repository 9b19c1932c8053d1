import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asRunning, startChild } from '../../../start/child.ts';
import type { Running } from '../../../start/child.ts';
import { freePort } from '../../../start/free-port.ts';
import { findJava } from '../../../start/java.ts';
import { kafkaAnswers } from '../../../start/kafka-answers.ts';
import { bringKafkaJars } from '../../../start/kafka-jars.ts';
import { untilReady } from '../../../start/until-ready.ts';
import { guardChild } from '../../support/guard.ts';

const run = promisify(execFile);

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
// Three brokers on a small machine; the compose file's own is for real work.
const HEAP = ['-Xms192m', '-Xmx192m'];
/** Of the image's scripts, not of the broker. */
const NOT_A_SETTING = ['KAFKA_HEAP_OPTS'];

export interface BrokerContainer extends Running {
  /** For clients on this machine: its listener HOST. */
  readonly address: string;
  /** What its environment sets, by Kafka's names: `min.insync.replicas`. */
  readonly settings: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Runs brokers as the image apache/kafka would with these environments, which becomes server.properties by its rule
 * (KAFKA_MIN_INSYNC_REPLICAS → min.insync.replicas). Their hosts and ports become ports of 127.0.0.1.
 *
 * @param environments of each container, by its host name.
 */
export async function runBrokerContainers(
  environments: Readonly<Record<string, Environment>>,
  folder: string,
): Promise<BrokerContainer[]> {
  const runtime = { java: await findJava(), jars: join(await bringKafkaJars(), '*') };
  const portOf = await portsHere(environments);
  const starts = Object.entries(environments).map(async ([host, environment]) => {
    const dataDir = join(folder, host);
    const settings = { ...settingsOf(environment, host, portOf), 'log.dirs': join(dataDir, 'data') };
    return startBroker({ ...runtime, dataDir, settings, clusterId: environment['CLUSTER_ID'] ?? '', host });
  });
  // All or none: those that came up are ended when another did not.
  const brokers = await Promise.allSettled(starts);
  const failed = brokers.find((broker) => broker.status === 'rejected');
  const started = brokers.flatMap((broker) => (broker.status === 'fulfilled' ? [broker.value] : []));
  if (failed !== undefined) {
    for (const broker of started) await broker.kill();
    throw failed.reason;
  }
  return started;
}

type PortOf = (host: string, port: string) => number;

const ADDRESS = /(:\/\/|@)([\w-]*):(\d+)/g;

/** A free port of this machine for each port that a container listens on. */
async function portsHere(environments: Readonly<Record<string, Environment>>): Promise<PortOf> {
  const ports = new Map<string, number>();
  for (const [host, environment] of Object.entries(environments)) {
    for (const [, , , port] of (environment['KAFKA_LISTENERS'] ?? '').matchAll(ADDRESS)) {
      ports.set(`${host}:${port ?? ''}`, await freePort());
    }
  }
  return (host, port) => {
    const here = ports.get(`${host}:${port}`);
    if (here === undefined) throw new Error(`The compose files name ${host}:${port}, where no broker listens.`);
    return here;
  };
}

function settingsOf(environment: Environment, host: string, portOf: PortOf): Record<string, string> {
  const settings = Object.entries(environment)
    .filter(([name]) => name.startsWith('KAFKA_') && !NOT_A_SETTING.includes(name))
    .map(([name, value]) => {
      const here = value.replace(ADDRESS, (_address, before: string, named: string, port: string) => {
        const ofThisOne = named === '' || named === 'localhost';
        return `${before}127.0.0.1:${portOf(ofThisOne ? host : named, port)}`;
      });
      return [name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.'), here] as const;
    });
  return Object.fromEntries(settings);
}

async function startBroker(broker: {
  readonly java: string;
  readonly jars: string;
  readonly host: string;
  readonly dataDir: string;
  readonly clusterId: string;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<BrokerContainer> {
  const { java, jars, host, dataDir, clusterId, settings } = broker;
  mkdirSync(dataDir, { recursive: true });
  const config = join(dataDir, 'server.properties');
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const formatted = ['kafka.tools.StorageTool', 'format', '--config', config, '--cluster-id', clusterId];
  await run(java, [...HEAP, '-cp', jars, ...formatted]);
  const args = [...HEAP, '-cp', jars, 'kafka.Kafka', config];
  const logFile = join(dataDir, 'kafka.log');
  const child = await startChild({ command: java, args, cwd: dataDir, env: { PATH: process.env['PATH'] }, logFile });
  guardChild(child);
  const address = /HOST:\/\/([^,]+)/.exec(settings['advertised.listeners'] ?? '')?.[1] ?? '';
  const [name, port] = address.split(':');
  const running = asRunning(child, 'SIGTERM', STOP_TIMEOUT_MS);
  try {
    await untilReady(host, child, () => kafkaAnswers(name ?? '', Number(port)), START_TIMEOUT_MS);
  } catch (error) {
    await running.kill();
    throw error;
  }
  return { ...running, address, settings };
}
