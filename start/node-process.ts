import { join } from 'node:path';
import { asRunning, startChild } from './child.ts';
import type { Running, StartHooks } from './child.ts';
import { dataDirOf } from './options.ts';
import { projectRoot } from './project-root.ts';
import { untilReady } from './until-ready.ts';

const START_TIMEOUT_MS = 120_000;
// A call has ten seconds; a node that finishes what is in flight needs no more, and Moleculer's own wait is within it.
const STOP_TIMEOUT_MS = 15_000;
const ANSWER_TIMEOUT_MS = 2000;
const LONGEST_BODY_SHOWN = 300;

export interface NodeOptions extends StartHooks {
  /** `api`, `orders` or `payments`: the service file's name. */
  readonly service: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
}

export interface RunningNode extends Running {
  readonly port: number;
}

/** The command line that runs Moleculer's runner on our configuration, with the Node that runs us. */
export function runnerArguments(...args: readonly string[]): string[] {
  const runner = join(projectRoot(), 'node_modules', 'moleculer', 'bin', 'moleculer-runner.js');
  return [runner, '--config', 'moleculer.config.ts', ...args];
}

/**
 * The environment of a node: ours, without what would make the runner load something else, and with a place where Node
 * keeps what it has compiled (types stripped, too): the next start of a node takes half the time and 20 MB less.
 */
export function runnerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { SERVICES: _services, SERVICEDIR: _serviceDir, MOLECULER_CONFIG: _config, ...rest } = env;
  return { NODE_COMPILE_CACHE: join(dataDirOf(env), 'compile-cache'), ...rest };
}

/**
 * Starts one node and waits until it says that it is ready.
 *
 * @throws StartError when it ends before, or is not ready within two minutes.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const child = await startChild({
    command: process.execPath,
    args: [...V8_FLAGS, ...runnerArguments(...serviceFiles(options.service))],
    cwd: projectRoot(),
    env: runnerEnvironment(options.env),
    logFile: options.logFile,
  });
  const running = asRunning(child, 'SIGTERM', STOP_TIMEOUT_MS);
  options.onSpawn?.(running);
  try {
    await untilReady(`The ${options.service} node`, child, () => isReady(options.port), START_TIMEOUT_MS);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return { ...running, port: options.port };
}

/** The audit lives beside payments: a process of its own would do nothing most of the time. */
function serviceFiles(service: string): string[] {
  const names = service === 'payments' ? ['payments', 'audit'] : [service];
  return names.map((name) => `services/${name}.service.ts`);
}

/** Of every node. */
export const V8_FLAGS: readonly string[] = [
  '--max-old-space-size=512',
  // The young generation grows to three times this, under load only: what lives as long as a request is rarely copied, and
  // the old one grows threefold before it is collected. A fifth of an order's processor time beside 32 and V8's own growth.
  '--max-semi-space-size=64',
  '--heap-growing-percent=200',
];

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const body = await answer.text();
  if (answer.status !== 200) {
    throw new Error(`/health/ready says ${answer.status}: ${body.slice(0, LONGEST_BODY_SHOWN)}`);
  }
  return true;
}
