import { readFileSync } from 'node:fs';
import type { FleetNode } from '../../test/support/fleet.ts';

/** For the environment of nodes that are to be profiled: each opens its inspector on a free port. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** How often V8 looks where it is. */
const INTERVAL_US = 500;
const URL_IN_LOG = /Debugger listening on (ws:\/\/\S+)/;

/** V8's CPU profile, as far as it is read here. https://chromedevtools.github.io/devtools-protocol/tot/Profiler/ */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Profiles a node through its inspector, from when it is told to until it is told to stop. */
export class NodeProfiler {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  #requests = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(String(data)) as { id: number; result: unknown; error?: unknown };
      if (error === undefined) this.#answers.get(id)?.resolve(result);
      else this.#answers.get(id)?.reject(new Error(`The inspector refused: ${JSON.stringify(error)}`));
      this.#answers.delete(id);
    });
  }

  /** @param node was started with `INSPECTABLE` @throws Error when its inspector cannot be reached */
  static async start({ logFile, name }: FleetNode): Promise<NodeProfiler> {
    const url = URL_IN_LOG.exec(readFileSync(logFile, 'utf8'))?.[1];
    if (url === undefined) throw new Error(`${name} did not open its inspector; see ${logFile}.`);
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => {
        reject(new Error(`The inspector of ${name} does not answer at ${url}.`));
      });
    });
    const profiler = new NodeProfiler(socket);
    await profiler.#ask('Profiler.enable');
    await profiler.#ask('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await profiler.#ask('Profiler.start');
    return profiler;
  }

  async stop(): Promise<CpuProfile> {
    const { profile } = (await this.#ask('Profiler.stop')) as { profile: CpuProfile };
    this.#socket.close();
    return profile;
  }

  #ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#requests;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }
}
