import { installStep, runTool, toolFolder } from './tool.ts';
import type { Ran } from './tool.ts';

/** Judges a bill of materials by the CycloneDX project's own schema: code 0, or 1 and what is wrong with it. */
export type CycloneDxCheck = (bill: string) => Promise<Ran>;

const WHO = 'install Python 3 with pip';
const VERSION = '11.12.0';
// Strict: fields that the schema does not know are wrong, too.
const PROGRAM = `
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(sys.stdin.read())
sys.exit(None if wrong is None else str(wrong))
`;

/** Brings the CycloneDX project's Python library by pip; it carries the schemas. */
export async function installCycloneDx(): Promise<CycloneDxCheck> {
  const folder = await toolFolder(`cyclonedx-${VERSION}`, async (half) => {
    const quiet = ['--quiet', '--disable-pip-version-check'];
    const what = `cyclonedx-python-lib[json-validation]==${VERSION}`;
    await installStep(WHO, 'python3', ['-m', 'pip', 'install', ...quiet, '--target', half, what]);
  });
  return (bill) => runTool('python3', ['-c', PROGRAM], { env: { PYTHONPATH: folder }, input: bill });
}
