import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../start/project-root.ts';
import { npmJson } from './npm-json.ts';

/** The parts of a CycloneDX component that are read here. */
export interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string };
    readonly expression?: string;
  }[];
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[];
}

export interface BillOfMaterials {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** @returns what is installed, development packages included, as CycloneDX 1.5 */
export function billOfMaterials(): BillOfMaterials {
  return npmJson(['sbom', '--sbom-format=cyclonedx', '--sbom-type=application']) as BillOfMaterials;
}

/** The parts of `package-lock.json` that are read here. */
interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly dev?: boolean }>>;
}

/**
 * The lockfile says which packages production needs. npm's bill does not: it names a package once, wherever it lies in the
 * tree, with the mark of the first place; and its own `--omit=dev` leaves out what production and development share.
 *
 * @returns `name@version` of each
 */
export function packagesOfProduction({ packages }: Lockfile): ReadonlySet<string> {
  const inside = 'node_modules/';
  return new Set(
    Object.entries(packages)
      .filter(([path, { dev = false }]) => path !== '' && !dev)
      .map(([path, { version }]) => `${path.slice(path.lastIndexOf(inside) + inside.length)}@${version}`),
  );
}

/** @returns the lockfile of this project */
export function readLockfile(): Lockfile {
  return JSON.parse(readFileSync(join(projectRoot(), 'package-lock.json'), 'utf8')) as Lockfile;
}

/** Some packages name their repository as `git@host:path`, which is no address, and makes the whole bill invalid. */
function withValidAddresses(component: Component): Component {
  const { externalReferences = [] } = component;
  return { ...component, externalReferences: externalReferences.filter(({ url }) => URL.canParse(url)) };
}

/**
 * The bill of what an image contains.
 *
 * @param production `name@version` of its packages
 * @param name npm takes the folder's name for the project's
 */
export function billOfProduction(
  whole: BillOfMaterials,
  production: ReadonlySet<string>,
  name: string,
): BillOfMaterials {
  const components = whole.components
    .filter((component) => production.has(`${component.name}@${component.version}`))
    .map(withValidAddresses);
  const left = new Set([whole.metadata.component, ...components].map((component) => component['bom-ref']));
  return {
    ...whole,
    metadata: { ...whole.metadata, component: { ...whole.metadata.component, name } },
    components,
    dependencies: whole.dependencies
      .filter(({ ref }) => left.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => left.has(one)) })),
  };
}
