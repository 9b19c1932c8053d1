import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../start/free-port.ts';
import type { ProbeResult, Reply, Request, RunResult } from './messages.ts';
import type { Role, Transport } from './node.ts';

const START_TIMEOUT_MS = 60_000;
/** Beyond the time that a caller was given: the last calls' own timeouts, and a little. */
const ANSWER_MARGIN_MS = 75_000;
const BENCH_FOLDER = 'bench';

/** A caller and a callee, each a process, with one transporter between them. */
export interface Pair {
  readonly transport: Transport;
  /** Makes calls with so many in flight. */
  run(inFlight: number, durationMs: number): Promise<RunResult>;
  /** Makes one call after the other, until some have failed and ten in a row work again. */
  probe(timeLimitMs: number): Promise<ProbeResult>;
  end(): void;
}

/**
 * Starts both processes and waits until the caller knows the callee.
 *
 * @param kafka `host:port`; TCP does without
 */
export async function startPair(transport: Transport, kafka: string): Promise<Pair> {
  const address = transport === 'tcp' ? await tcpAddresses() : kafka;
  const children: ChildProcess[] = [];
  const end = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  const startRole = async (role: Role): Promise<ChildProcess> => {
    const child = start(role, transport, address);
    children.push(child);
    await answerOf(child, (reply) => 'ready' in reply, START_TIMEOUT_MS);
    return child;
  };
  try {
    await startRole('callee');
    const caller = await startRole('caller');
    return {
      transport,
      run: (inFlight, durationMs) =>
        ask(caller, { kind: 'run', inFlight, durationMs }, durationMs) as Promise<RunResult>,
      probe: (timeLimitMs) => ask(caller, { kind: 'probe', timeLimitMs }, timeLimitMs) as Promise<ProbeResult>,
      end,
    };
  } catch (error) {
    end();
    throw error;
  }
}

async function tcpAddresses(): Promise<string> {
  return `127.0.0.1:${await freePort()}/caller,127.0.0.1:${await freePort()}/callee`;
}

function start(role: Role, transport: Transport, address: string): ChildProcess {
  return fork(join(BENCH_FOLDER, 'calls', `${role}.ts`), [transport, address], {
    // Where Moleculer finds the stock transporter's client, which the product does not have.
    env: { ...process.env, NODE_PATH: join(process.cwd(), BENCH_FOLDER, 'node_modules') },
  });
}

async function ask(caller: ChildProcess, request: Request, takesMs: number): Promise<Reply> {
  const answer = answerOf(caller, (reply) => 'kind' in reply, takesMs + ANSWER_MARGIN_MS);
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
