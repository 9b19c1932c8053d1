import { globSync, mkdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { installStep, runTool, toolFolder } from './tool.ts';
import type { Ran } from './tool.ts';

/** A Kafka client over librdkafka, which shares no code with ours. */
export type Kcat = (args: readonly string[], input?: string) => Promise<Ran>;

const WHO = 'kcat comes from Debian’s packages; run the tests on Debian or Ubuntu';

/**
 * Brings kcat and what the machine lacks of its libraries by Debian's apt, unpacked into a folder of ours: nothing of
 * the system changes, and no root is needed.
 */
export async function installKcat(): Promise<Kcat> {
  const folder = await toolFolder('kcat', async (half) => {
    const own = [
      ['Dir::State::lists', join(half, 'apt', 'lists')],
      ['Dir::Cache', join(half, 'apt', 'cache')],
      ['Debug::NoLocking', '1'],
      // Root's apt downloads as a user that may not write here.
      ['APT::Sandbox::User', 'root'],
    ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    for (const made of ['lists', 'cache/archives']) mkdirSync(join(half, 'apt', made, 'partial'), { recursive: true });
    await installStep(WHO, 'apt-get', [...own, '-q', 'update']);
    // Again, if the machine has it: what is tested is what is in .tools.
    const download = ['-q', '-y', '--no-install-recommends', '--reinstall', '--download-only', 'install', 'kcat'];
    await installStep(WHO, 'apt-get', [...own, ...download]);
    for (const archive of globSync(join(half, 'apt', 'cache', 'archives', '*.deb'))) {
      await installStep(WHO, 'dpkg-deb', ['--extract', archive, half]);
    }
    rmSync(join(half, 'apt'), { recursive: true });
  });
  const libraries = new Set(globSync(join(folder, 'usr', 'lib', '**', '*.so.*')).map(dirname));
  const env = { LD_LIBRARY_PATH: [...libraries].join(delimiter) };
  return (args, input) => runTool(join(folder, 'usr', 'bin', 'kcat'), args, { env, input: input ?? '' });
}
