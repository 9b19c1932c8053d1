import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../start/project-root.ts';
import { runCommand } from '../terminal/command.js';
import { COMMAND, readPlantedOptions } from './options.ts';
import { copyTree } from './patched-tree.ts';
import { plant, runClean } from './plant.ts';
import { readPatches } from './read-patches.ts';
import { escaped, tableOf, type Planted } from './report.ts';

/**
 * `npm run planted`: breaks a copy of the system in one way after the other, and shows that an invariant finds each.
 *
 * @returns the exit code: 0 when everything holds without a bug, and none with one escapes
 */
async function main(): Promise<number> {
  const options = readPlantedOptions(process.argv.slice(2));
  const root = projectRoot();
  const patches = join(root, 'planted');
  const bugs = readPatches(patches).filter(({ name }) => options.only?.includes(name.slice(0, 2)) ?? true);
  if (bugs.length === 0) throw new Error(`There is no bug ${options.only?.join(', ') ?? ''} in planted/.`);
  const tree = copyTree(root);
  process.once('exit', () => {
    tree.remove();
  });
  const clean = await runClean(tree, options);
  if (clean.kind !== 'clean') {
    process.stdout.write(`\n  Without a bug, not everything holds: ${JSON.stringify(clean)}\n\n`);
    return 1;
  }
  process.stdout.write(`\n  Without a bug everything holds over ${options.cleanSeeds} seeds.\n\n`);
  const planted: Planted[] = [];
  for (const bug of bugs) {
    const each = await plant(tree, bug, patches, options);
    planted.push(each);
    process.stdout.write(`  ${escaped(each) === null ? 'caught ' : 'ESCAPED'}  ${bug.name}: ${bug.what}\n`);
  }
  process.stdout.write(`\n${tableOf(planted)}\n\n`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify({ clean, planted }, undefined, 2)}\n`);
  return planted.every((each) => escaped(each) === null) ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await runCommand(COMMAND, main, { isForReader: () => true });
