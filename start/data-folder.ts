import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
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

/** Keeps the logs of the last run beside those of this one, and no older ones. */
export function rotateLogs(folder: DataFolder, names: readonly string[]): void {
  // Traversable whatever the umask is, since PostgreSQL may run as another user.
  mkdirSync(folder.logs, { recursive: true, mode: 0o755 });
  for (const name of names) {
    const file = folder.logFileOf(name);
    if (existsSync(file)) renameSync(file, join(folder.logs, `${name}.previous.log`));
  }
}
