import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { asRunning, startChild } from './child.ts';
import type { Running, StartHooks } from './child.ts';
import { databaseAnswers } from './database-answers.ts';
import { commandLineOf } from './process-table.js';
import { preparePostgresHome } from './postgres-home.ts';
import type { PostgresHome } from './postgres-home.ts';
import { StartError } from './start-error.ts';
import { untilReady } from './until-ready.ts';

const run = promisify(execFile);

// Three nodes with their pools, relays and consumers, a REPL or two, and room for more nodes beside them.
const MAX_CONNECTIONS = 200;
const START_TIMEOUT_MS = 60_000;
// A fast shutdown writes a checkpoint; this is long for a disk that is busy.
const STOP_TIMEOUT_MS = 30_000;

export interface PostgresOptions extends StartHooks {
  /** Where the data should live; see `RunningPostgres.dataDir` for where it does. */
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
}

export interface RunningPostgres extends Running {
  readonly port: number;
  /** Where the data is: elsewhere than asked for when root's clone lies where no other user may go. */
  readonly dataDir: string;
  /** One sentence on why `dataDir` is elsewhere, or nothing. */
  readonly movedBecause: string | undefined;
  /** The connection string of one of its databases, as the superuser. */
  readonly urlOf: (database: string) => string;
}

/**
 * Starts a PostgreSQL of our own on 127.0.0.1 (made at the first start: UTF-8, superuser `postgres`, no password asked
 * for) in a session of its own, and waits until it answers.
 *
 * @throws StartError when its programs are missing, or it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { port } = options;
  const home = preparePostgresHome(options.dataDir);
  await initialiseOnce(home, options.interrupt);
  await dropStaleLock(home);
  const child = await startChild({
    command: join(home.binDir, 'postgres'),
    args: ['-D', home.dataDir, '-p', String(port), ...settings()],
    cwd: home.dataDir,
    env: environment(),
    logFile: options.logFile,
    ...home.user,
  });
  // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every session to leave by itself.
  const running = asRunning(child, 'SIGINT', STOP_TIMEOUT_MS);
  options.onSpawn?.(running);
  const urlOf = (database: string): string =>
    `postgres://postgres:postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  try {
    await untilReady('PostgreSQL', child, () => databaseAnswers(urlOf('postgres')), START_TIMEOUT_MS);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return { ...running, port, dataDir: home.dataDir, movedBecause: home.movedBecause, urlOf };
}

/**
 * Makes the database that the URL names, on the URL's server, if it is not there.
 *
 * @returns whether it was made.
 */
export async function createDatabaseIfMissing(url: string): Promise<boolean> {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1));
  target.pathname = '/postgres';
  const client = new pg.Client({ connectionString: target.href });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 1) return false;
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    return true;
  } catch (error) {
    // Somebody else made it between the two.
    if ((error as { code?: string }).code === DUPLICATE_DATABASE) return false;
    throw error;
  } finally {
    await client.end();
  }
}

const DUPLICATE_DATABASE = '42P04';

function settings(): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    // A socket's path may have 107 bytes, a clone's path may have more; everything here speaks TCP.
    unix_socket_directories: '',
    max_connections: String(MAX_CONNECTIONS),
    // The promises rest on it.
    fsync: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %d ',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Without PGDATA, PGPORT and their like of the shell that started us. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

async function initialiseOnce(home: PostgresHome, interrupt: AbortSignal | undefined): Promise<void> {
  if (existsSync(home.dataDir)) return;
  // Made beside and renamed when whole: a start that is killed leaves nothing that could be taken for a database.
  const half = `${home.dataDir}.unfinished`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o700 });
  home.giveToUser(half);
  const args = ['-D', half, '--username=postgres', '--auth=trust', '--encoding=UTF8'];
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  try {
    await run(join(home.binDir, 'initdb'), [...args, ...locale], {
      cwd: half,
      env: environment(),
      ...home.user,
      ...(interrupt && { signal: interrupt }),
    });
    renameSync(half, home.dataDir);
  } catch (error) {
    const said = (error as { stderr?: string }).stderr || String(error);
    throw new StartError(`PostgreSQL could not make its data folder ${home.dataDir}: ${said.trim()}`, 'data-folder');
  }
}

/**
 * After a kill, `postmaster.pid` names a process that is gone, and whose number may be somebody else's by now, who
 * would keep PostgreSQL from starting. A postmaster that really lives is left to PostgreSQL's own check.
 */
async function dropStaleLock(home: PostgresHome): Promise<void> {
  const file = join(home.dataDir, 'postmaster.pid');
  if (!existsSync(file) || !statSync(file).isFile()) return;
  const pid = Number((await readFile(file, 'utf8')).split('\n', 1)[0]);
  if (commandLineOf(pid)?.includes(home.dataDir) !== true) rmSync(file);
}
