import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { preparePostgresHome } from '../../../start/postgres-home.ts';
import { eventually } from '../../support/eventually.ts';
import { ownPostgres } from '../../support/own-cluster.ts';
import type { OwnPostgres } from '../../support/own-cluster.ts';
import { installPostgresPrograms } from '../tools/psql.ts';
import { runTool } from '../tools/tool.ts';

const NAME = 'standby';
const PROMOTE_TIMEOUT_S = 30;

/**
 * Makes a streaming standby by `pg_basebackup`, and lets no commit of the primary be answered before the standby has it.
 *
 * @param primary of the test's own
 */
export async function startSynchronousStandby(primary: OwnPostgres): Promise<OwnPostgres> {
  const standby = await ownPostgres((dataDir) => copyOf(primary, dataDir));
  // After the copy, so that the standby does not wait for a standby once it is the primary.
  await runSql(primary, `ALTER SYSTEM SET synchronous_standby_names = '${NAME}'`);
  await runSql(primary, 'SELECT pg_reload_conf()');
  await eventually(async () => {
    const states = await runSql(primary, 'SELECT application_name, state, sync_state FROM pg_stat_replication');
    expect(states).toEqual([{ application_name: NAME, state: 'streaming', sync_state: 'sync' }]);
  });
  return standby;
}

/** Makes it the primary, and waits until it is. */
export async function promote(standby: OwnPostgres): Promise<void> {
  expect(await runSql(standby, `SELECT pg_promote(true, ${PROMOTE_TIMEOUT_S}) AS done`)).toEqual([{ done: true }]);
}

async function copyOf(primary: OwnPostgres, dataDir: string): Promise<void> {
  const home = preparePostgresHome(dataDir);
  const program = join(await installPostgresPrograms(), 'pg_basebackup');
  const source = `${primary.urlOf('postgres')}?application_name=${NAME}`;
  const args = [`--dbname=${source}`, `--pgdata=${home.dataDir}`, '--write-recovery-conf', '--checkpoint=fast'];
  expect(await runTool(program, args)).toMatchObject({ code: 0, stderr: '' });
  for (const file of ['', ...readdirSync(home.dataDir, { recursive: true, encoding: 'utf8' })]) {
    home.giveToUser(join(home.dataDir, file));
  }
}

async function runSql(server: OwnPostgres, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: server.urlOf('postgres') });
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}
