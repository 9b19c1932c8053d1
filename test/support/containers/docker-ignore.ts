import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { projectRoot } from '../../../start/project-root.ts';

/**
 * Reads `.dockerignore`.
 *
 * @returns whether a path, relative to the project, is kept from the image: the last pattern that matches it or a
 * folder above it decides, and one with `!` lets it in.
 */
export function readDockerIgnore(): (path: string) => boolean {
  const patterns = readFileSync(join(projectRoot(), '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return (path) => {
    const parts = path.split('/');
    const selfAndAbove = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return patterns.reduce((ignored, pattern) => {
      const glob = pattern.replace(/^!/, '').replace(/^\/|\/$/g, '');
      return selfAndAbove.some((each) => matchesGlob(each, glob)) ? !pattern.startsWith('!') : ignored;
    }, false);
  };
}
