import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const PROJECT_NAME = 'moleculer-orders-payments';

/**
 * The folder of this project: the nearest one with our `package.json`, going up from the program that Node was started
 * with, then from the working directory. It works under native ES modules and under jest's CommonJS alike, where
 * neither `import.meta` nor `__dirname` is there in both.
 *
 * @throws when neither path lies inside the project.
 */
export function projectRoot(): string {
  for (const start of [dirname(process.argv[1] ?? '.'), process.cwd()]) {
    for (let folder = resolve(start); ; folder = dirname(folder)) {
      if (isProject(folder)) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  throw new Error(`No package.json of ${PROJECT_NAME} above ${process.cwd()}: run this inside the project's folder.`);
}

function isProject(folder: string): boolean {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return false;
  return (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === PROJECT_NAME;
}
