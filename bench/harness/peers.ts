import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'bench';
const INSTALL_TIMEOUT_MS = 300_000;

/** Installs what the product is measured against into `bench/node_modules`, unless it is there. */
export function installPeers(): void {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  if (Object.keys(dependencies).every((name) => existsSync(join(FOLDER, 'node_modules', name)))) return;
  process.stdout.write('Installing what the product is measured against into bench/node_modules …\n');
  const { status, error } = spawnSync('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (status !== 0) throw error ?? new Error(`npm ci ended with ${status}.`);
}
