import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bringKafkaJars } from '../../start/kafka-jars.ts';
import { projectRoot } from '../../start/project-root.ts';

/** A clone somewhere else, with packages and Kafka's jars. */
export interface Clone {
  readonly path: string;
  /** Who owns it: an ordinary user where the tests run as root, else whoever runs them. */
  readonly user: { readonly uid?: number; readonly gid?: number };
  remove(): void;
}

/** `nobody`, on every Linux. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const MANY_FILES_BYTES = 16 * 1024 * 1024;

/** @param name of the folder, below one with a blank in its name */
export async function cloneInto(name: string): Promise<Clone> {
  await bringKafkaJars();
  const root = projectRoot();
  const top = mkdtempSync(join(tmpdir(), 'orders payments '));
  const path = join(top, name);
  const user = process.getuid?.() === 0 ? NOBODY : {};
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', listed, { cwd: root, encoding: 'utf8', maxBuffer: MANY_FILES_BYTES }).split('\0');
  for (const file of files.filter((each) => each !== '' && existsSync(join(root, each)))) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    cpSync(join(root, file), join(path, file));
  }
  chmodSync(top, 0o755);
  giveTo(user, path);
  for (const folder of ['node_modules', '.kafka']) link(join(root, folder), join(path, folder));
  return {
    path,
    user,
    remove: () => {
      rmSync(top, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function giveTo({ uid, gid }: Clone['user'], path: string): void {
  if (uid === undefined || gid === undefined) return;
  chownSync(path, uid, gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const entry of readdirSync(path)) giveTo({ uid, gid }, join(path, entry));
}

/** As hard links where the file system allows it: what is linked stays whose it was. */
function link(from: string, to: string): void {
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    execFileSync('cp', ['-a', from, to]);
  }
}
