import { installStep, runTool, toolFolder } from './tool.ts';
import type { Ran } from './tool.ts';

/** Makes requests out of an OpenAPI document, and holds the answers against it. */
export type Schemathesis = (args: readonly string[], options: { readonly cwd: string }) => Promise<Ran>;

const WHO = 'install Python 3.10 or newer with pip';
const VERSION = '4.32.5';
// Some thousand requests on a machine that is busy with the rest of the tests.
const RUN_TIMEOUT_MS = 900_000;

/** Brings schemathesis by pip into a folder of its own: nothing of the machine's Python changes. */
export async function installSchemathesis(): Promise<Schemathesis> {
  const folder = await toolFolder(`schemathesis-${VERSION}`, async (half) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
    await installStep(WHO, 'python3', ['-m', 'pip', 'install', ...quiet, '--target', half, `schemathesis==${VERSION}`]);
  });
  return (args, { cwd }) =>
    runTool('python3', ['-m', 'schemathesis.cli', ...args], {
      // It keeps what failed in a folder below.
      cwd,
      env: { PYTHONPATH: folder, PYTHONUNBUFFERED: '1', NO_COLOR: '1' },
      timeoutMs: RUN_TIMEOUT_MS,
    });
}
