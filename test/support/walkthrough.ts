import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../start/project-root.ts';
import { cleanEnvironment, type SystemPlace } from './running-system.ts';

const run = promisify(execFile);
/** Where the pages say that the gateway is. */
const ADDRESS = 'localhost:8080';
const SEPARATOR = '\u001e';

/** A fenced block of a page. */
export interface Block {
  /** What stands after the fence: `sh`, `sh start`, `json`, … */
  readonly info: string;
  readonly text: string;
}

/**
 * @param page path of a Markdown file of this project
 * @returns every fenced block of it, in order
 */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(projectRoot(), page), 'utf8');
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, info = '', block = '']) => ({
    info: info.trim(),
    text: block.trim(),
  }));
}

/** Runs a script of a page as a reader would, at the gateway of a system that runs elsewhere than the page says. */
async function shell(place: SystemPlace, script: string): Promise<string> {
  const moved = script.replaceAll(ADDRESS, new URL(place.urls.api).host);
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', moved], {
    cwd: projectRoot(),
    env: { ...cleanEnvironment(), ...place.env },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

/**
 * Runs scripts in one shell: later ones use variables of earlier ones.
 *
 * @returns the output of each
 */
export async function runAll(place: SystemPlace, scripts: readonly string[]): Promise<string[]> {
  const output = await shell(place, scripts.join(`\nprintf '${SEPARATOR}'\n`));
  return output.split(SEPARATOR).map((text) => text.trim());
}

/** An answer without what differs from run to run. */
export function shape(json: string): unknown {
  return JSON.parse(json, (key, value: unknown) =>
    ['orderId', 'entryId', 'createdAt', 'updatedAt', 'requestId'].includes(key) && value !== null
      ? typeof value
      : value,
  );
}
