import { globSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { installDebian } from './debian.ts';
import { runTool, type Ran } from './tool.ts';

/** A Kafka client over librdkafka, which shares no code with ours. */
export type Kcat = (args: readonly string[], input?: string) => Promise<Ran>;

/** Brings kcat with its libraries. */
export async function installKcat(): Promise<Kcat> {
  const folder = await installDebian('kcat');
  const libraries = new Set(globSync(join(folder, 'usr', 'lib', '**', '*.so.*')).map(dirname));
  const env = { LD_LIBRARY_PATH: [...libraries].join(delimiter) };
  return (args, input) => runTool(join(folder, 'usr', 'bin', 'kcat'), args, { env, input: input ?? '' });
}
