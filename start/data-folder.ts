import { rmSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresDataFolders } from './postgres-home.ts';

/** What lies where in the data folder. */
export interface DataFolder {
  readonly path: string;
  readonly postgres: string;
  readonly kafka: string;
  readonly logs: string;
  logFileOf(name: string): string;
}

export function dataFolderAt(path: string): DataFolder {
  const logs = join(path, 'logs');
  return {
    path,
    postgres: join(path, 'postgres'),
    kafka: join(path, 'kafka'),
    logs,
    logFileOf: (name) => join(logs, `${name}.log`),
  };
}

/** Removes what the system keeps there, and nothing else: DATA_DIR may be a folder that holds more. */
export function emptyDataFolder(folder: DataFolder): void {
  const ours = [...postgresDataFolders(folder.postgres), folder.kafka, folder.logs];
  for (const path of ours) rmSync(path, { recursive: true, force: true });
}

/**
 * How much of the disk the data folder takes, wherever PostgreSQL's part of it is.
 *
 * @returns bytes; files with holes count as what they take, what vanishes meanwhile counts nothing
 */
export async function sizeOf(folder: DataFolder): Promise<number> {
  const roots = new Set([folder.path, ...postgresDataFolders(folder.postgres).slice(1)]);
  let bytes = 0;
  for (const root of roots) bytes += await diskUsage(root);
  return bytes;
}

async function diskUsage(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) {
      bytes += (await lstat(join(entry.parentPath, entry.name)).catch(() => NO_FILE)).blocks * BLOCK_BYTES;
    }
  }
  return bytes;
}

/** Of `blocks`, on every system that Node runs on. */
const BLOCK_BYTES = 512;
const NO_FILE = { blocks: 0 };

/** `48.2 MB`. */
export function sizeText(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'] as const;
  let size = bytes / 1000;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${size.toFixed(1)} ${units[unit] ?? ''}`;
}
