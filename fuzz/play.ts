import pg from 'pg';
import { ProgressBar, type ProgressStream } from '../terminal/progress-bar.ts';
import { runAmounts } from './amounts/run-amounts.ts';
import { readToldEvents } from './amounts/told-events.ts';
import { Connection } from './connection.ts';
import { DOORS, type Door } from './fuzz-case.ts';
import { makeWorld } from './make-world.ts';
import type { OwnSystem } from './own-system.ts';
import type { Figures } from './report.ts';
import { runInputs } from './run-inputs.ts';
import { Violations } from './violations.ts';

export interface PlayOptions {
  readonly system: Omit<OwnSystem, 'remove'>;
  readonly inputs: number;
  readonly amounts: number;
  readonly seed: number;
  readonly inFlight: number;
  readonly stream: ProgressStream;
  /** For `NO_COLOR` and `TERM`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True ends the run soon, with what it has seen so far. */
  readonly isStopping: () => boolean;
}

/** Sends everything, and judges it. */
export async function play(options: PlayOptions): Promise<Figures> {
  const { system, inputs, amounts, seed, inFlight, stream, env, isStopping } = options;
  const violations = new Violations();
  const lines = Array.from({ length: inFlight }, () => connectionsTo(system));
  const databases = {
    orders: new pg.Pool({ connectionString: system.ordersUrl, max: 2 }),
    payments: new pg.Pool({ connectionString: system.paymentsUrl, max: 2 }),
  };
  // A connection that breaks is reported by the next statement.
  for (const pool of Object.values(databases)) pool.on('error', () => undefined);
  const events = await readToldEvents(system.brokers);
  try {
    const [first] = lines;
    if (first === undefined) throw new Error('Nothing may be in flight.');
    // The same ids each time: a seed sends the same bytes.
    const world = await makeWorld(first.api, 'fuzz');
    const inputsBar = inputs > 0 ? new ProgressBar(stream, env, 'Inputs ', inputs) : null;
    const onAnswered = (): void => inputsBar?.advance();
    const answered = await runInputs({ inputs, seed, world, lines, databases, violations, onAnswered, isStopping });
    const amountsBar = amounts > 0 ? new ProgressBar(stream, env, 'Amounts', amounts) : null;
    let compared = 0;
    const onCompared = (): void => {
      compared += 1;
      amountsBar?.advance();
    };
    const connections = lines.map(({ api }) => api);
    const tookMs = await runAmounts({
      amounts,
      seed,
      runId: 'fuzz',
      connections,
      databases,
      events,
      violations,
      onCompared,
      isStopping,
    });
    return { seed, inFlight, inputs: answered, amounts: { compared, tookMs }, violations };
  } finally {
    for (const line of lines) for (const door of DOORS) line[door].close();
    await events.close();
    await Promise.all([databases.orders.end(), databases.payments.end()]);
  }
}

function connectionsTo({ host, ports }: Pick<OwnSystem, 'host' | 'ports'>): Record<Door, Connection> {
  return {
    api: new Connection(host, ports.api),
    orders: new Connection(host, ports.orders),
    payments: new Connection(host, ports.payments),
  };
}
