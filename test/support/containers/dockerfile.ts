import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../start/project-root.ts';

/** A Dockerfile of one stage, read. */
export interface Dockerfile {
  readonly from: string;
  readonly workdir: string;
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What changes the file system, in order. */
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: 'copy'; readonly sources: readonly string[]; readonly target: string }
  | { readonly kind: 'run'; readonly command: string };

/** Instructions that change neither files nor how a service runs. */
const IGNORED = ['EXPOSE', 'STOPSIGNAL', 'LABEL'];

/**
 * Reads our Dockerfile.
 *
 * @throws at any instruction or flag whose effect it does not know, so that nothing is left out silently.
 */
export function readDockerfile(): Dockerfile {
  const read = { from: '', workdir: '/', user: 'root', environment: {} as Record<string, string>, steps: [] as Step[] };
  for (const [instruction, rest] of instructions()) {
    if (instruction === 'FROM') read.from = rest;
    else if (instruction === 'WORKDIR') read.workdir = rest;
    else if (instruction === 'USER') read.user = rest;
    else if (instruction === 'ENV') Object.assign(read.environment, assignments(rest));
    else if (instruction === 'COPY') read.steps.push(copyStep(rest));
    else if (instruction === 'RUN') read.steps.push(runStep(rest));
    else if (!IGNORED.includes(instruction)) throw new Error(`The tests do not know what ${instruction} does.`);
  }
  return read;
}

function instructions(): [string, string][] {
  const text = readFileSync(join(projectRoot(), 'Dockerfile'), 'utf8');
  return text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, instruction = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      return [instruction, rest];
    });
}

function assignments(rest: string): Record<string, string> {
  return Object.fromEntries(
    rest.split(/\s+/).map((one) => {
      const [name = '', value = ''] = one.split('=', 2);
      return [name, value];
    }),
  );
}

function copyStep(rest: string): Step {
  const words = rest.split(/\s+/);
  if (rest.startsWith('--')) throw new Error(`The tests do not know what COPY ${words[0] ?? ''} does.`);
  return { kind: 'copy', sources: words.slice(0, -1), target: words.at(-1) ?? '' };
}

function runStep(rest: string): Step {
  // A cache that is mounted for the step is no part of the image.
  return { kind: 'run', command: rest.replace(/^(--mount=type=cache,\S+\s+)+/, '') };
}
