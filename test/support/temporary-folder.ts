import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shelterOf } from '../../start/postgres-home.ts';

export interface TemporaryFolder {
  readonly path: string;
  /** Where PostgreSQL's data goes; removed with the folder, wherever it really is. */
  readonly postgresDir: string;
  /** Every folder that `remove` removes. */
  readonly all: readonly string[];
  remove(): void;
}

/** A folder of a test's own, which PostgreSQL's unprivileged user may enter when the tests run as root. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'orders-payments-test-'));
  chmodSync(path, 0o755);
  const postgresDir = join(path, 'postgres');
  const all = [path, shelterOf(postgresDir)];
  return {
    path,
    postgresDir,
    all,
    remove: () => {
      for (const folder of all) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
