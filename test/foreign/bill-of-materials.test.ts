import { execFileSync } from 'node:child_process';
import { cpSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';
import type { BillOfMaterials } from '../../security/bill-of-materials.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installCycloneDx, type CycloneDxCheck } from './tools/cyclonedx.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

function namesOf(packages: readonly { readonly name: string; readonly version: string }[]): string[] {
  return [...new Set(packages.map(({ name, version }) => `${name}@${version}`))].sort();
}

let check: CycloneDxCheck;
let written: string;

beforeAll(async () => {
  check = await installCycloneDx();
  execFileSync('npm', ['run', 'sbom'], { cwd: projectRoot() });
  written = readFileSync(join(projectRoot(), 'sbom.cdx.json'), 'utf8');
}, INSTALL_TIMEOUT_MS);

test('the bill of materials is what CycloneDX 1.5 says one is', async () => {
  expect(await check(written)).toMatchObject({ code: 0, stderr: '' });
});

test('the check finds a bill that is none', async () => {
  const { code, stderr } = await check(written.replace('"type": "application"', '"type": "order"'));
  expect(code).toBe(1);
  expect(stderr).toContain('order');
});

test('it names what npm would install for production, and nothing else', () => {
  const image = temporaryFolder();
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
      cpSync(join(projectRoot(), file), join(image.path, file));
    }
    // As the Dockerfile does.
    execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline'], { cwd: image.path });
    const installed = globSync('**/node_modules/{@*/*,[!@.]*}/package.json', { cwd: image.path })
      .filter((path) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path))
      .map((path) => JSON.parse(readFileSync(join(image.path, path), 'utf8')) as { name: string; version: string });
    const { components, metadata } = JSON.parse(written) as BillOfMaterials;
    expect(namesOf(components)).toEqual(namesOf(installed));
    expect(metadata.component.name).toBe('moleculer-orders-payments');
  } finally {
    image.remove();
  }
});
