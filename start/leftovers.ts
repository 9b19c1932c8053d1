import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './cluster-state.ts';
import type { ProcessMark } from './cluster-state.ts';

const STOP_TIMEOUT_MS = 15_000;
const LOOK_EVERY_MS = 50;

/**
 * Ends what a supervisor that was killed has left: the nodes first, then Kafka and PostgreSQL.
 *
 * @param leftovers in the order of their start.
 */
export async function endLeftovers(leftovers: readonly ProcessMark[]): Promise<void> {
  const servers = leftovers.filter((mark) => isServer(mark.name));
  const nodes = leftovers.filter((mark) => !isServer(mark.name));
  for (const group of [nodes, servers]) await Promise.all(group.map(end));
}

function isServer(name: string): boolean {
  return name === 'Kafka' || name === 'PostgreSQL';
}

async function end(mark: ProcessMark): Promise<void> {
  send(mark, mark.name === 'PostgreSQL' ? 'SIGINT' : 'SIGTERM');
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (isAlive(mark)) {
    if (performance.now() > deadline) send(mark, 'SIGKILL');
    await sleep(LOOK_EVERY_MS);
  }
}

function send(mark: ProcessMark, signal: NodeJS.Signals): void {
  if (!isAlive(mark)) return;
  try {
    process.kill(mark.pid, signal);
  } catch (error) {
    // It has ended between the two lines.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
