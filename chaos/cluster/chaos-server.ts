import type { Running } from '../../start/child.ts';

/** PostgreSQL or Kafka: may be ended in any way, and starts again with its data at its address. */
export interface ChaosServer {
  readonly pid: () => number | null;
  /** SIGKILL, SIGQUIT and SIGINT are waited for; SIGSTOP and SIGCONT are not. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Starts it when it does not run, and waits until it answers. */
  start(): Promise<void>;
  /** Ends it in good order. */
  stop(): Promise<void>;
}

/** @param startOnce starts the process and waits until it answers */
export function chaosServer(
  first: Running,
  startOnce: () => Promise<Running>,
): ChaosServer & { readonly restarts: () => number } {
  let running = first;
  let restarts = 0;
  return {
    restarts: () => restarts,
    pid: () => (running.hasExited() ? null : running.pid),
    signal: async (signal) => {
      running.signal(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await running.exited;
    },
    start: async () => {
      if (!running.hasExited()) return;
      running = await startOnce();
      restarts++;
    },
    stop: async () => {
      running.signal('SIGCONT');
      await running.stop();
    },
  };
}
