import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../start/project-root.ts';
import { StartError } from '../../start/start-error.ts';

const run = promisify(execFile);

const VERSION = 'v2.12.0';
const MODULE = `github.com/Shopify/toxiproxy/v2/cmd/server@${VERSION}`;
// A slow mirror brings its modules and a small machine compiles them within this; a dead one ends here.
const BUILD_TIMEOUT_MS = 420_000;
const LINES_SHOWN = 6;

/**
 * Builds toxiproxy's server under `.tools/` by Go's own client, once; Go checks what it downloads against its checksum
 * database.
 *
 * @returns the path of the program
 * @throws StartError when Go is missing, or the module cannot be had
 */
export async function toxiproxyProgram(): Promise<string> {
  const folder = join(projectRoot(), '.tools', `toxiproxy-${VERSION}`);
  const program = join(folder, 'server');
  if (existsSync(program)) return program;
  // Beside, and moved when whole.
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  try {
    await run('go', ['install', MODULE], {
      env: { ...process.env, GOBIN: half, CGO_ENABLED: '0' },
      timeout: BUILD_TIMEOUT_MS,
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(half, folder);
    return program;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: string; stderr?: string };
    if (code === 'ENOENT') {
      throw new StartError(
        'The links of the campaign go through toxiproxy, which Go builds: install Go 1.24 or newer.',
      );
    }
    const said = stderr.trim().split('\n').slice(-LINES_SHOWN).join('\n    ');
    throw new StartError(`go install ${MODULE} failed: check the network and Go's settings. It said:\n    ${said}`);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}
