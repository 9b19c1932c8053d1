/** globalTeardown, which ends PostgreSQL and Kafka, comes after the last test. */
const GRACE_MS = 30_000;

/** What Node knows of something that keeps a process alive: a child, a socket, a server. */
interface Handle {
  readonly pid?: number;
  readonly spawnargs?: readonly string[];
  readonly localPort?: number;
  readonly remotePort?: number;
}

/**
 * Jest waits without end for what a test left open, and says nothing of what that is. This says it and ends the run; one
 * that leaves a process behind has failed.
 */
export default class OpenHandlesReporter {
  onRunComplete(): void {
    // Never comes when nothing else keeps the process alive.
    setTimeout(endWhatIsLeft, GRACE_MS).unref();
  }
}

function endWhatIsLeft(): void {
  const handles = (process as unknown as { _getActiveHandles(): Handle[] })._getActiveHandles();
  const children = handles.filter(({ spawnargs }) => spawnargs !== undefined);
  const sockets = handles.filter(({ remotePort }) => remotePort !== undefined);
  const told = [
    ...children.map(({ pid, spawnargs }) => `process ${pid ?? '?'}: ${spawnargs?.join(' ') ?? ''}`),
    ...sockets.map(({ localPort, remotePort }) => `socket from port ${localPort ?? '?'} to ${remotePort ?? '?'}`),
  ];
  process.stderr.write(
    `Open ${GRACE_MS / 1000} s after the last test: ${process.getActiveResourcesInfo().join(', ')}\n` +
      told.map((line) => `  ${line}\n`).join('') +
      'Find out which test leaves it: npx jest FILE ends by itself or does not.\n',
  );
  for (const { pid } of children) if (pid !== undefined) process.kill(pid);
  process.exit(children.length > 0 ? 1 : undefined);
}
