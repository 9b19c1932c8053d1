import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A million rows at a tenth of the rate that is wanted. */
const ANSWER_LIMIT_MS = 300_000;

/** A process that does one thing after the other, as it is asked. */
export interface Worker<Request, Answer> {
  /** @throws Error when the process ended instead (it has written why to the standard error output), or takes too long */
  ask(request: Request): Promise<Answer>;
  end(): void;
}

/** Starts a process of this folder. @param file its name */
export function startWorker<Request extends object, Answer>(file: string): Worker<Request, Answer> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)));
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${String(code)}.`);
  });
  exited.catch(() => undefined);
  return {
    ask: async (request) => {
      const answered = once(child, 'message', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      child.send(request);
      const [answer] = (await Promise.race([answered, exited])) as [Answer];
      return answer;
    },
    end: () => {
      child.kill('SIGKILL');
    },
  };
}

/** The other side of a worker. Ends when its parent does, or when something failed. */
export function work(answer: (request: never) => Promise<object | null>): void {
  process.on('message', (request) => {
    void answer(request as never).then((found) => process.send?.(found));
  });
  process.once('disconnect', () => {
    process.exit();
  });
}
