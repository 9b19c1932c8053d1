import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A copy of the tree, for patches: the tree itself is never touched. */
export interface PatchedTree {
  readonly folder: string;
  /** @param patch path of a file @throws Error when it does not apply */
  apply(patch: string): void;
  /** Takes a patch back that was applied. */
  takeBack(patch: string): void;
  remove(): void;
}

const MANY_FILES_BYTES = 16 * 1024 * 1024;

/**
 * Copies what git knows or would take up, as it lies there now, changes that are not committed among it. Packages are
 * linked.
 *
 * @param root of the project
 */
export function copyTree(root: string): PatchedTree {
  const folder = mkdtempSync(join(tmpdir(), 'orders-payments-planted-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const file of filesOf(root)) cpSync(join(root, file), join(folder, file));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  } catch (error) {
    remove();
    throw error;
  }
  const git = (...args: string[]): void => {
    // Not the repository that the folder may lie in.
    execFileSync('git', ['apply', ...args], {
      cwd: folder,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
    });
  };
  return {
    folder,
    apply: (patch) => {
      git(patch);
    },
    takeBack: (patch) => {
      git('--reverse', patch);
    },
    remove,
  };
}

function filesOf(root: string): string[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', list, { cwd: root, encoding: 'utf8', maxBuffer: MANY_FILES_BYTES }).split('\0');
  // One that was deleted and not committed is listed, too; and packages may be a link, which no rule ignores.
  return listed.filter((file) => lstatSync(join(root, file), { throwIfNoEntry: false })?.isFile() === true);
}
