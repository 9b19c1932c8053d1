import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';

/** A fenced block of the README. */
export interface Block {
  /** What stands after the fence: `sh`, `sh start`, `json`, … */
  readonly info: string;
  readonly text: string;
}

/** @returns every fenced block of the README, in order */
export function readmeBlocks(): Block[] {
  const readme = readFileSync(join(projectRoot(), 'README.md'), 'utf8');
  return [...readme.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({
    info: info.trim(),
    text: text.trim(),
  }));
}
