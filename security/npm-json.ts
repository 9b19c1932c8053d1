import { spawnSync } from 'node:child_process';
import { projectRoot } from '../start/project-root.ts';

/** A registry that neither answers nor refuses is given up after this; npm's own retries end before it. */
const NPM_TIMEOUT_MS = 180_000;
/** A bill of materials of the whole tree is about 1 MB. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Runs npm and reads what it prints. Its exit code is not looked at: `npm audit` ends with 1 for a found vulnerability
 * and for a registry that does not answer alike.
 *
 * @param args with `--json` where the command has it
 * @throws Error when npm printed no JSON, with what it said
 */
export function npmJson(args: readonly string[]): unknown {
  const { stdout, stderr, error } = spawnSync('npm', args, {
    cwd: projectRoot(),
    encoding: 'utf8',
    timeout: NPM_TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    const said = error?.message ?? `${stdout}\n${stderr}`.trim();
    throw new Error(`npm ${args.join(' ')} printed no JSON. It said: ${said}`, { cause });
  }
}
