import { spawn } from 'node:child_process';
import { asRunning, startChild } from '../../../start/child.ts';
import type { Running } from '../../../start/child.ts';
import { untilReady } from '../../../start/until-ready.ts';
import { guardChild } from '../guard.ts';
import { durationMs } from './compose-file.ts';
import type { ComposeService } from './compose-file.ts';
import type { Image } from './image.ts';

/** Where the names and ports of the compose network are on this machine: `kafka:9092` → `127.0.0.1:23456`. */
export type Addresses = Readonly<Record<string, string>>;

export interface Container extends Running {
  /** Runs the compose file's health check, as Docker does. */
  checkHealth(): Promise<Health>;
  /** Waits until it says that all is well, for as long as failures of a start do not count. */
  untilHealthy(): Promise<void>;
}

interface Health {
  readonly code: number | null;
  readonly said: string;
}

/** Nobody: root's tests run the services as this user, everybody else's as themselves. */
const UNPRIVILEGED = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/**
 * Runs a service's own command in the image with the environment that the compose file gives it and nothing else, as an
 * unprivileged user who may not write there.
 *
 * @param ports the service's own ports → those that it gets here.
 */
export async function runContainer(
  image: Image,
  service: ComposeService,
  addresses: Addresses,
  ports: Readonly<Record<string, number>>,
  logFile: string,
): Promise<Container> {
  const [command, ...args] = (service.command ?? '').split(' ');
  if (command === undefined || command === '') throw new Error('A service without a command of its own.');
  const here = (value: string): string => String(ports[value] ?? replaceAll(value, addresses));
  const environment = Object.fromEntries(
    Object.entries(service.environment).map(([name, value]) => [name, here(value)]),
  );
  const env = { ...image.environment, ...environment };
  const child = await startChild({ command, args, cwd: image.appFolder, env, logFile, ...UNPRIVILEGED });
  guardChild(child);
  const { test = [], timeout = '30s', start_period: startPeriod = '0s' } = service.healthcheck ?? {};
  const [kind, ...words] = test;
  if (kind !== 'CMD') throw new Error('A health check that the tests cannot run.');
  const checkHealth = (): Promise<Health> => runToEnd(words.map(here), image.appFolder, env, durationMs(timeout));
  const isHealthy = async (): Promise<boolean> => {
    const { code, said } = await checkHealth();
    if (code !== 0) throw new Error(said);
    return true;
  };
  return {
    ...asRunning(child, 'SIGTERM', durationMs(service.stop_grace_period ?? '10s')),
    checkHealth,
    untilHealthy: () => untilReady(args.at(-1) ?? command, child, isHealthy, durationMs(startPeriod)),
  };
}

function replaceAll(value: string, addresses: Addresses): string {
  return Object.entries(addresses).reduce((text, [there, here]) => text.replaceAll(there, here), value);
}

function runToEnd(
  [command = '', ...args]: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<Health> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, timeout: timeoutMs, ...UNPRIVILEGED });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, said });
    });
  });
}
