import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { projectRoot } from '../../../start/project-root.ts';
import { serviceOf } from './compose-file.ts';
import type { ComposeFile } from './compose-file.ts';

/**
 * Runs the SQL files that the compose file mounts for the PostgreSQL image's first start, with the container's
 * environment. psql's `\getenv`, `\connect` and `:'name'` are done here; `npm run test:foreign` has psql itself run the files.
 */
export async function initDatabases(file: ComposeFile, superuserUrl: string): Promise<void> {
  const postgres = serviceOf(file, 'postgres');
  const mounts = (postgres.volumes ?? [])
    .map((volume) => volume.split(':'))
    .filter(([, target = '']) => target.startsWith('/docker-entrypoint-initdb.d/'))
    // The image runs them in the order of their names there.
    .sort(([, left = ''], [, right = '']) => (left < right ? -1 : 1));
  if (mounts.length === 0) throw new Error('The compose file mounts nothing into /docker-entrypoint-initdb.d.');
  for (const [source = ''] of mounts) await runFile(source, postgres.environment, superuserUrl);
}

async function runFile(
  source: string,
  environment: Readonly<Record<string, string>>,
  superuserUrl: string,
): Promise<void> {
  const variables: Record<string, string> = {};
  const sql = readFileSync(join(projectRoot(), source), 'utf8')
    .replace(/^\\getenv (\w+) (\w+)$/gm, (_line, name: string, variable: string) => {
      variables[name] = environment[variable] ?? '';
      return '';
    })
    .replace(/:'(\w+)'/g, (_use, name: string) => `'${variables[name] ?? ''}'`);
  const [first = '', ...rest] = sql.split(/^\\connect (\w+)$/m);
  await runStatements(first, superuserUrl);
  for (let index = 0; index < rest.length; index += 2) {
    const url = new URL(superuserUrl);
    url.pathname = `/${rest[index] ?? ''}`;
    await runStatements(rest[index + 1] ?? '', url.href);
  }
}

async function runStatements(sql: string, connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    // One by one, as psql sends them: CREATE DATABASE refuses to share a transaction.
    for (const statement of sql.split(/;\s*$/m)) await client.query(statement);
  } finally {
    await client.end();
  }
}
