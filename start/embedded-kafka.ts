import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { asRunning, startChild } from './child.ts';
import type { Running, StartHooks } from './child.ts';
import { findJava } from './java.ts';
import { bringKafkaJars } from './kafka-jars.ts';
import { kafkaAnswers } from './kafka-answers.ts';
import { StartError } from './start-error.ts';
import { untilReady } from './until-ready.ts';

const run = promisify(execFile);

const DEFAULT_HEAP_MB = 512;
const START_TIMEOUT_MS = 120_000;
// It closes its logs and writes what a quick next start needs.
const STOP_TIMEOUT_MS = 30_000;

export interface KafkaOptions extends StartHooks {
  readonly dataDir: string;
  /** For clients. */
  readonly port: number;
  /** For the controller's own listener; nobody else uses it. */
  readonly controllerPort: number;
  readonly logFile: string;
  readonly heapMb?: number;
  /** Where clients are told to go, when it is not `port`: a proxy before it. */
  readonly advertisedPort?: number;
  /** For a Kafka that lives for minutes: it starts with half the work, and is slower in the long run. */
  readonly shortLived?: boolean;
  /** Settings of Kafka's own that are added to, or replace, those that it needs here. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RunningKafka extends Running {
  /** For KAFKA_BROKERS: `127.0.0.1:29092`. */
  readonly brokers: string;
}

/**
 * Starts an Apache Kafka of our own (one node, broker and controller in one process) on 127.0.0.1 in a session of its
 * own, and waits until it answers. The first start brings the jars by Maven and formats the data folder.
 *
 * @throws StartError when there is no Java 17, no Maven at the first start, or Kafka does not start.
 */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const java = await findJava();
  const jars = await bringKafkaJars(options.interrupt);
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, CONFIG_FILE), serverProperties(options));
  const runtime = {
    java,
    jars,
    dataDir,
    heapMb: options.heapMb ?? DEFAULT_HEAP_MB,
    shortLived: options.shortLived ?? false,
  };
  await formatOnce(runtime, options.interrupt);
  const child = await startChild({
    command: java,
    args: [...javaArgs(runtime), 'kafka.Kafka', CONFIG_FILE],
    cwd: dataDir,
    env: environment(),
    logFile: options.logFile,
  });
  const running = asRunning(child, 'SIGTERM', STOP_TIMEOUT_MS);
  options.onSpawn?.(running);
  try {
    await untilReady('Kafka', child, () => kafkaAnswers('127.0.0.1', options.port), START_TIMEOUT_MS);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return { ...running, brokers: `127.0.0.1:${options.port}` };
}

interface Runtime {
  readonly java: string;
  readonly jars: string;
  readonly dataDir: string;
  readonly heapMb: number;
  readonly shortLived: boolean;
}

const CONFIG_FILE = 'server.properties';
// Kafka runs in its data folder and names this folder relatively: a comma or an é in the clone's path would be
// another path to it.
const LOG_FOLDER = 'log';

function serverProperties({ port, controllerPort, advertisedPort = port, settings }: KafkaOptions): string {
  const values = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': LOG_FOLDER,
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // The default 50 are made at the first join of a group and loaded at each start; a handful of groups needs few.
    'offsets.topic.num.partitions': 8,
    'group.initial.rebalance.delay.ms': 0,
    // After a kill the controller waits this long for the broker that was, before it lets the new one register (9 s by
    // default); with one broker nobody could take over from it anyway.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    // Old segments of the calls' topics go a minute after they are due, not five.
    'log.retention.check.interval.ms': 60_000,
    // Compaction has only the offsets topic to do here; the default takes 128 MB of the heap.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    ...settings,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

// Without the optimising compiler and the concurrent collector.
const SHORT_LIVED = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
// As Kafka's own start script has it.
const LONG_LIVED = ['-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35'];

function javaArgs({ jars, heapMb, shortLived }: Runtime): string[] {
  return [
    `-Xms${heapMb}m`,
    `-Xmx${heapMb}m`,
    ...(shortLived ? SHORT_LIVED : LONG_LIVED),
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    // Hundreds of lines of settings at each start, otherwise.
    '-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config.AbstractConfig=warn',
    '-cp',
    join(jars, '*'),
  ];
}

/** Without the KAFKA_* of the shell that started us; in UTF-8, or Java cannot open a path with an é. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}

async function formatOnce(runtime: Runtime, interrupt: AbortSignal | undefined): Promise<void> {
  // The storage tool writes this file last.
  if (existsSync(join(runtime.dataDir, LOG_FOLDER, 'meta.properties'))) return;
  rmSync(join(runtime.dataDir, LOG_FOLDER), { recursive: true, force: true });
  const clusterId = randomBytes(16).toString('base64url');
  // One argument: an id may begin with a hyphen, and would be taken for an option of its own.
  const tool = ['kafka.tools.StorageTool', 'format', '--config', CONFIG_FILE, `--cluster-id=${clusterId}`];
  try {
    await run(runtime.java, [...javaArgs({ ...runtime, shortLived: true }), ...tool], {
      cwd: runtime.dataDir,
      env: environment(),
      ...(interrupt && { signal: interrupt }),
    });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr || String(error);
    throw new StartError(`Kafka could not format its data folder ${runtime.dataDir}: ${said.trim()}`, 'data-folder');
  }
}
