import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shelterOf } from '../../start/postgres-home.ts';

export interface TemporaryFolder {
  readonly path: string;
  /** Where PostgreSQL's data goes; removed with the folder, wherever it really is. */
  readonly postgresDir: string;
  /** Synchronous, so that it works while the process exits. */
  remove(): void;
}

/** A folder of a test's own, which PostgreSQL's unprivileged user may enter when the tests run as root. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'orders-payments-test-'));
  chmodSync(path, 0o755);
  const postgresDir = join(path, 'postgres');
  return {
    path,
    postgresDir,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      rmSync(shelterOf(postgresDir), { recursive: true, force: true });
    },
  };
}
