import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const INSTALL_TIMEOUT_MS = 300_000;

/** Installs what ours is measured against, unless it is there. */
export function installPeers(): void {
  if (existsSync(join('bench', 'node_modules', '@platformatic', 'kafka'))) return;
  process.stdout.write('Installing the stock transporter’s client into bench/node_modules …\n');
  const { status, error } = spawnSync('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (status !== 0) throw error ?? new Error(`npm ci ended with ${status}; --only ours does without the stock one.`);
}
