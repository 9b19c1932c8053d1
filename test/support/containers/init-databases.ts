import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { projectRoot } from '../../../start/project-root.ts';
import { serviceOf } from './compose-file.ts';
import type { ComposeFile } from './compose-file.ts';

/**
 * Runs the SQL file that the compose file mounts for the PostgreSQL image's first start, with the container's
 * environment. psql's `\getenv` and `:'name'` are done here; `npm run test:foreign` has psql itself run the file.
 */
export async function initDatabases(file: ComposeFile, superuserUrl: string): Promise<void> {
  const postgres = serviceOf(file, 'postgres');
  const mount = postgres.volumes?.find((volume) => volume.includes(':/docker-entrypoint-initdb.d/'));
  if (mount === undefined) throw new Error('The compose file mounts nothing into /docker-entrypoint-initdb.d.');
  const variables: Record<string, string> = {};
  const sql = readFileSync(join(projectRoot(), mount.split(':')[0] ?? ''), 'utf8')
    .replace(/^\\getenv (\w+) (\w+)$/gm, (_line, name: string, variable: string) => {
      variables[name] = postgres.environment[variable] ?? '';
      return '';
    })
    .replace(/:'(\w+)'/g, (_use, name: string) => `'${variables[name] ?? ''}'`);
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    // One by one, as psql sends them: CREATE DATABASE refuses to share a transaction.
    for (const statement of sql.split(/;\s*$/m)) await client.query(statement);
  } finally {
    await client.end();
  }
}
