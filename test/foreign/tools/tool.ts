import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../../start/project-root.ts';

const exec = promisify(execFile);

// A slow mirror brings a tool and compiles it in this time; a dead one ends here.
export const INSTALL_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 60_000;
const LINES_SHOWN = 8;

/**
 * Installs a tool under `.tools/` unless it is there: beside, and moved when whole.
 *
 * @param name folder name, with the version: another version, another folder.
 * @param install fills the folder that it is given.
 * @returns the tool's folder.
 */
export async function toolFolder(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(projectRoot(), '.tools', name);
  if (existsSync(folder)) return folder;
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  try {
    await install(half);
    renameSync(half, folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Runs a step of an installation.
 *
 * @param whoBringsIt what to do when the program is not there: `install Go 1.24 or newer`.
 * @throws Error with a sentence: what failed, why, and what to do.
 */
export async function installStep(
  whoBringsIt: string,
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  try {
    const { stdout } = await exec(command, args, {
      ...options,
      timeout: INSTALL_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { code, stderr = '', stdout = '' } = error as { code?: string | number; stderr?: string; stdout?: string };
    if (code === 'ENOENT') {
      throw new Error(`${command} is not installed, and npm run test:foreign needs it: ${whoBringsIt}.`, {
        cause: error,
      });
    }
    const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-LINES_SHOWN).join('\n    ');
    throw new Error(`${command} ${args.join(' ')} failed: check the network and its settings. It said:\n    ${said}`, {
      cause: error,
    });
  }
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs an installed tool to its end. */
export function runTool(
  command: string,
  args: readonly string[],
  { cwd, env = {}, input = '', timeoutMs = RUN_TIMEOUT_MS }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, timeout: timeoutMs });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        said[name] += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      // Without a code it was ended by a signal: it hung.
      if (code === null) reject(new Error(`${command} did not end within ${timeoutMs / 1000} s: ${said.stderr}`));
      else resolve({ code, ...said });
    });
    // A tool that ends without reading its input is judged by its code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
