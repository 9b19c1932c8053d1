import { join } from 'node:path';
import { installDebian } from './debian.ts';
import { runTool, type Ran } from './tool.ts';

/** Judges what a node shows to Prometheus by Prometheus' own rules: code 0 and silence, or what is wrong. */
export type CheckMetrics = (shown: string) => Promise<Ran>;

/** Programs of Prometheus, as Debian has them. */
export interface PrometheusTools {
  /** The server's program. */
  readonly server: string;
  readonly checkMetrics: CheckMetrics;
  /** promtool with these arguments. */
  readonly promtool: (...args: readonly string[]) => Promise<Ran>;
}

export async function installPrometheus(): Promise<PrometheusTools> {
  const programs = join(await installDebian('prometheus'), 'usr', 'bin');
  const promtool = join(programs, 'promtool');
  return {
    server: join(programs, 'prometheus'),
    checkMetrics: (shown) => runTool(promtool, ['check', 'metrics'], { input: shown }),
    promtool: (...args) => runTool(promtool, args),
  };
}
