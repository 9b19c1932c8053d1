import { asRunning, startChild, type Running } from '../../start/child.ts';
import { freePort } from '../../start/free-port.ts';
import { untilReady } from '../../start/until-ready.ts';
import { toxiproxyProgram } from './toxiproxy-program.ts';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5000;
const ANSWER_TIMEOUT_MS = 5000;

/** Which way bytes go that a toxic meets: `upstream` to the server, `downstream` back to the node. */
type Direction = 'upstream' | 'downstream';

/** The way from one node to one server, through a proxy of its own. */
export interface Link {
  /** `orders-1 to postgres` */
  readonly name: string;
  /** Where the node connects to. */
  readonly port: number;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Each piece of bytes waits, both ways. */
  delay(latencyMs: number, jitterMs: number): Promise<void>;
  /** So many bytes a second at most, each way. */
  throttle(kilobytesPerSecond: number): Promise<void>;
  /** Connections stay, and nothing goes through any more, as when a cable is pulled. */
  silence(): Promise<void>;
  /** What the node sends arrives; what comes back is thrown away, and the connection ends after that long. */
  loseAnswers(closeAfterMs: number): Promise<void>;
  /** As if nothing had been. */
  heal(): Promise<void>;
}

/** The proxies between nodes and servers. */
export interface Toxiproxy {
  readonly pid: number;
  /** Puts a proxy before a port of this machine. @param port where it listens; a free one by default */
  link(name: string, upstreamPort: number, port?: number): Promise<Link>;
  stop(): Promise<void>;
}

/**
 * Starts toxiproxy, building it first where it is not there yet.
 *
 * @param onSpawn told of the process at once
 * @throws StartError
 */
export async function startToxiproxy(logFile: string, onSpawn: (child: Running) => void): Promise<Toxiproxy> {
  const program = await toxiproxyProgram();
  const port = await freePort();
  const child = await startChild({
    command: program,
    args: ['-host', HOST, '-port', String(port)],
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LOG_LEVEL: 'warn' },
    logFile,
  });
  const running = asRunning(child, 'SIGTERM', STOP_TIMEOUT_MS);
  onSpawn(running);
  const ask = askerOf(`http://${HOST}:${port}`);
  await untilReady('toxiproxy', child, () => ask('GET', '/version').then(() => true), START_TIMEOUT_MS);
  return {
    pid: child.pid,
    link: async (name, upstreamPort, listenPort) => {
      const linkPort = listenPort ?? (await freePort());
      await ask('POST', '/proxies', {
        name,
        listen: `${HOST}:${linkPort}`,
        upstream: `${HOST}:${upstreamPort}`,
        enabled: true,
      });
      return linkOf(name, linkPort, ask);
    },
    stop: async () => {
      await running.stop();
    },
  };
}

type Ask = (method: string, path: string, body?: object) => Promise<unknown>;

/** Its API: https://github.com/Shopify/toxiproxy#http-api. */
function askerOf(origin: string): Ask {
  return async (method, path, body) => {
    const response = await fetch(origin + path, {
      method,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy answers ${response.status} to ${method} ${path}: ${text.trim()}`);
    return text;
  };
}

function linkOf(name: string, port: number, ask: Ask): Link {
  const path = `/proxies/${encodeURIComponent(name)}`;
  const toxics = new Set<string>();
  const add = async (type: string, stream: Direction, attributes: object): Promise<void> => {
    const toxic = `${type}-${stream}`;
    await ask('POST', `${path}/toxics`, { name: toxic, type, stream, toxicity: 1, attributes });
    toxics.add(toxic);
  };
  const bothWays = async (type: string, attributes: object): Promise<void> => {
    await add(type, 'upstream', attributes);
    await add(type, 'downstream', attributes);
  };
  return {
    name,
    port,
    cut: async () => {
      await ask('POST', path, { enabled: false });
    },
    delay: (latencyMs, jitterMs) => bothWays('latency', { latency: latencyMs, jitter: jitterMs }),
    throttle: (kilobytesPerSecond) => bothWays('bandwidth', { rate: kilobytesPerSecond }),
    // Zero: until the toxic is taken away.
    silence: () => bothWays('timeout', { timeout: 0 }),
    loseAnswers: (closeAfterMs) => add('timeout', 'downstream', { timeout: closeAfterMs }),
    heal: async () => {
      for (const toxic of toxics) {
        await ask('DELETE', `${path}/toxics/${toxic}`);
        toxics.delete(toxic);
      }
      await ask('POST', path, { enabled: true });
    },
  };
}
