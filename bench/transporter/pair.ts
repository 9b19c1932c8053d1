import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { ProbeResult, Reply, Request, RunResult } from './messages.ts';
import type { Variant } from './node.ts';

const START_TIMEOUT_MS = 60_000;
/** Beyond the time limit that a caller was given: the last calls' own timeouts, and a little. */
const ANSWER_MARGIN_MS = 75_000;
const BENCH_FOLDER = 'bench';

/** A caller and a callee, each a process, with one transporter between them. */
export interface Pair {
  readonly variant: Variant;
  run(
    request: Omit<Extract<Request, { kind: 'run' }>, 'kind'>,
    onAnswered: (count: number) => void,
  ): Promise<RunResult>;
  probe(timeLimitMs: number): Promise<ProbeResult>;
  end(): void;
}

/** Starts both processes and waits until the caller knows the callee. */
export async function startPair(variant: Variant, kafka: string): Promise<Pair> {
  const callee = start('callee', variant, kafka);
  const children = [callee];
  try {
    await answerOf(callee, (reply) => 'ready' in reply, START_TIMEOUT_MS);
    const caller = start('caller', variant, kafka);
    children.push(caller);
    await answerOf(caller, (reply) => 'ready' in reply, START_TIMEOUT_MS);
    return {
      variant,
      run: (request, onAnswered) => ask(caller, { kind: 'run', ...request }, onAnswered) as Promise<RunResult>,
      probe: (timeLimitMs) => ask(caller, { kind: 'probe', timeLimitMs }, () => undefined) as Promise<ProbeResult>,
      end: () => {
        for (const child of children) child.kill('SIGKILL');
      },
    };
  } catch (error) {
    for (const child of children) child.kill('SIGKILL');
    throw error;
  }
}

function start(role: 'caller' | 'callee', variant: Variant, kafka: string): ChildProcess {
  return fork(join(BENCH_FOLDER, 'transporter', `${role}.ts`), [variant, kafka], {
    // Where Moleculer finds the stock transporter's client, which the product does not have.
    env: { ...process.env, NODE_PATH: join(process.cwd(), BENCH_FOLDER, 'node_modules') },
  });
}

async function ask(caller: ChildProcess, request: Request, onAnswered: (count: number) => void): Promise<Reply> {
  const answer = answerOf(
    caller,
    (reply) => {
      if ('answered' in reply) onAnswered(reply.answered);
      return 'kind' in reply;
    },
    request.timeLimitMs + ANSWER_MARGIN_MS,
  );
  caller.send(request);
  return answer;
}

function answerOf(child: ChildProcess, isIt: (reply: Reply) => boolean, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
    };
    const onMessage = (reply: Reply): void => {
      if (!isIt(reply)) return;
      finish();
      resolve(reply);
    };
    const onExit = (code: number | null): void => {
      finish();
      reject(new Error(`A node of the bench ended with ${code}.`));
    };
    const timer = setTimeout(() => {
      finish();
      reject(new Error(`A node of the bench did not answer for ${timeoutMs} ms.`));
    }, timeoutMs);
    child.on('message', onMessage).once('exit', onExit);
  });
}
