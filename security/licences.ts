import { billOfMaterials, packagesOfProduction, readLockfile } from './bill-of-materials.ts';
import { refusedLicences } from './judge-licences.ts';

/** Checks the licence of every installed package; ends with 1 when one is on no list. */
const { components } = billOfMaterials();
const refused = refusedLicences(components, packagesOfProduction(readLockfile()));
if (refused.length === 0) {
  process.stdout.write(`licences: ${components.length} packages, all on the lists of security/judge-licences.ts\n`);
} else {
  process.stdout.write(
    `These licences are on no list; replace the package, or add to security/judge-licences.ts with a reason:\n  ${refused.join('\n  ')}\n`,
  );
  process.exitCode = 1;
}
