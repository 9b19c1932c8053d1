import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';

export interface OwnProgram {
  /** Its name in package.json. */
  readonly script: string;
  /** The program, relative to the project. */
  readonly file: string;
}

/**
 * Scripts of package.json that run one program of ours. The others run a tool with options of its own, or several commands,
 * which take none.
 */
export function ownPrograms(): OwnProgram[] {
  const { scripts } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return Object.entries(scripts).flatMap(([script, line]) => {
    if (line.includes('&&') || !/(^|\s)node\s/.test(line)) return [];
    const file = line
      .split(' ')
      .filter((word) => /\.(ts|js)$/.test(word))
      .at(-1);
    return file === undefined ? [] : [{ script, file }];
  });
}
