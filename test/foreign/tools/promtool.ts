import { join } from 'node:path';
import { installDebian } from './debian.ts';
import { runTool, type Ran } from './tool.ts';

/** Judges what a node shows to Prometheus by Prometheus' own rules: code 0 and silence, or what is wrong. */
export type CheckMetrics = (shown: string) => Promise<Ran>;

/** Brings promtool, a program of Prometheus. */
export async function installPromtool(): Promise<CheckMetrics> {
  const folder = await installDebian('prometheus');
  return (shown) => runTool(join(folder, 'usr', 'bin', 'promtool'), ['check', 'metrics'], { input: shown });
}
