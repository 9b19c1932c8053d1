import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../start/free-port.ts';
import { V8_FLAGS } from '../../start/node-process.ts';

const PROCESS = fileURLToPath(new URL('moleculer-web-process.ts', import.meta.url));
export interface MoleculerWeb {
  readonly port: number;
  readonly end: () => void;
}

/**
 * Starts moleculer-web with a local action, in a process of its own.
 *
 * @param order what it answers, but for the id
 */
export async function startMoleculerWeb(order: unknown): Promise<MoleculerWeb> {
  const port = await freePort();
  const child = fork(PROCESS, [String(port), JSON.stringify(order)], {
    execArgv: [...V8_FLAGS],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`moleculer-web ended with code ${String(code)}.`);
  });
  await Promise.race([once(child, 'message'), exited]);
  exited.catch(() => undefined);
  return { port, end: () => child.kill('SIGKILL') };
}
