import { join } from 'node:path';
import { projectRoot } from '../../../start/project-root.ts';
import { installStep, runTool, toolFolder } from './tool.ts';
import type { Ran } from './tool.ts';

/** What Docker Compose makes of its files, as far as the tests read it. */
export interface ComposeProject {
  readonly name: string;
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly environment: Readonly<Record<string, string>>;
        readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
        readonly ports?: readonly { readonly published?: string; readonly target: number; readonly host_ip?: string }[];
        readonly deploy?: { readonly replicas?: number };
        readonly container_name?: string;
        readonly volumes?: readonly { readonly source: string; readonly target: string }[];
      }
    >
  >;
}

/** Loads compose files with Docker Compose's own library. */
export interface ComposeCheck {
  /** Code 0 and the project as JSON, or code 1 and why Compose would refuse the files. */
  check(...files: readonly string[]): Promise<Ran>;
  /** @throws Error when Compose would refuse them. */
  load(...files: readonly string[]): Promise<ComposeProject>;
}

/** Compiles `test/foreign/compose-check`. Go's own cache makes the second time short; a changed program is compiled. */
export async function installComposeCheck(): Promise<ComposeCheck> {
  const tools = await toolFolder('compose-check', () => Promise.resolve());
  const program = join(tools, 'compose-check');
  await installStep('install Go 1.24 or newer', 'go', ['build', '-o', program, '.'], {
    cwd: join(projectRoot(), 'test', 'foreign', 'compose-check'),
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  const check = (...files: readonly string[]): Promise<Ran> => runTool(program, files);
  return {
    check,
    load: async (...files) => {
      const { code, stdout, stderr } = await check(...files);
      if (code !== 0) throw new Error(`Compose refuses ${files.join(', ')}: ${stderr.trim()}`);
      return JSON.parse(stdout) as ComposeProject;
    },
  };
}
