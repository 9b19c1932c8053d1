import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../start/project-root.ts';
import { billOfMaterials, billOfProduction, packagesOfProduction, readLockfile } from './bill-of-materials.ts';

/** Writes the bill of materials of what an image contains. */
const FILE = 'sbom.cdx.json';

const { name } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { readonly name: string };
const bill = billOfProduction(billOfMaterials(), packagesOfProduction(readLockfile()), name);
writeFileSync(join(projectRoot(), FILE), `${JSON.stringify(bill, null, 2)}\n`);
process.stdout.write(`${FILE}: ${bill.components.length} packages\n`);
