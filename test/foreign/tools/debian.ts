import { globSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installStep, toolFolder } from './tool.ts';

/**
 * Brings a package and what the machine lacks of its libraries by Debian's apt, unpacked into a folder of ours: nothing of
 * the system changes, and no root is needed.
 *
 * @param name of Debian's package
 * @returns the folder that is the package's root
 */
export function installDebian(name: string): Promise<string> {
  const who = `${name} comes from Debian’s packages; run the tests on Debian or Ubuntu`;
  return toolFolder(name, async (half) => {
    const own = [
      ['Dir::State::lists', join(half, 'apt', 'lists')],
      ['Dir::Cache', join(half, 'apt', 'cache')],
      ['Debug::NoLocking', '1'],
      // Root's apt downloads as a user that may not write here.
      ['APT::Sandbox::User', 'root'],
    ].flatMap(([option, value]) => ['-o', `${option}=${value}`]);
    for (const made of ['lists', 'cache/archives']) mkdirSync(join(half, 'apt', made, 'partial'), { recursive: true });
    await installStep(who, 'apt-get', [...own, '-q', 'update']);
    // Again, if the machine has it: what is tested is what is in .tools.
    const download = ['-q', '-y', '--no-install-recommends', '--reinstall', '--download-only', 'install', name];
    await installStep(who, 'apt-get', [...own, ...download]);
    for (const archive of globSync(join(half, 'apt', 'cache', 'archives', '*.deb'))) {
      await installStep(who, 'dpkg-deb', ['--extract', archive, half]);
    }
    rmSync(join(half, 'apt'), { recursive: true });
  });
}
