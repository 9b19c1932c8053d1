import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../start/project-root.ts';
import { defineCommand, runCommand } from '../terminal/command.js';
import { billOfMaterials, billOfProduction, packagesOfProduction, readLockfile } from './bill-of-materials.ts';

const FILE = 'sbom.cdx.json';

const COMMAND = defineCommand({
  name: 'npm run sbom',
  about: `Writes the bill of materials of what an image contains to ${FILE} (CycloneDX 1.5).`,
  options: {},
  examples: ['npm run sbom'],
  exitCodes: { 0: 'written', 1: 'npm could not say what is installed' },
});

await runCommand(COMMAND, () => {
  const { name } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { readonly name: string };
  const bill = billOfProduction(billOfMaterials(), packagesOfProduction(readLockfile()), name);
  writeFileSync(join(projectRoot(), FILE), `${JSON.stringify(bill, null, 2)}\n`);
  process.stdout.write(`${FILE}: ${bill.components.length} packages\n`);
  return 0;
});
