import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { findPackageJSON, stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The files of the console's page: our modules as they stand in `console/web`, without their types, and those of the
 * libraries as their packages have them. Nothing is bundled, and nothing comes from elsewhere.
 */

export interface AssetFile {
  readonly mediaType: string;
  readonly body: Buffer;
}

const WEB = fileURLToPath(new URL('web', import.meta.url));
const JAVASCRIPT = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const VERSION_CHARACTERS = 12;

/** What our modules import, and where it lies in its package. */
const LIBRARIES = {
  preact: ['preact', 'dist/preact.mjs'],
  'preact/hooks': ['preact', 'hooks/dist/hooks.mjs'],
  htm: ['htm', 'dist/htm.module.js'],
  '@preact/signals-core': ['@preact/signals-core', 'dist/signals-core.module.js'],
  '@preact/signals': ['@preact/signals', 'dist/signals.module.js'],
  uplot: ['uplot', 'dist/uPlot.esm.js'],
} as const;
const UPLOT_STYLES = ['uplot', 'dist/uPlot.min.css'] as const;
export class Assets {
  readonly #files = new Map<string, AssetFile>();
  /** Changes when a file does; part of every address. */
  readonly version: string;
  /** The page's import map, a script in the page itself: a policy names it by its hash. */
  readonly importMap: string;
  readonly importMapHash: string;

  constructor() {
    for (const name of readdirSync(WEB)) {
      const read = (): string => readFileSync(join(WEB, name), 'utf8');
      if (name.endsWith('.ts')) this.#add(name, JAVASCRIPT, stripTypes(read()));
      else if (name.endsWith('.css')) this.#add(name, CSS, read());
    }
    for (const [specifier, [name, path]] of Object.entries(LIBRARIES)) {
      this.#add(libraryFile(specifier), JAVASCRIPT, readPackageFile(name, path));
    }
    this.#add('uplot.css', CSS, readPackageFile(...UPLOT_STYLES));
    const hash = createHash('sha256');
    for (const { body } of this.#files.values()) hash.update(body);
    this.version = hash.digest('base64url').slice(0, VERSION_CHARACTERS);
    this.importMap = JSON.stringify({
      imports: Object.fromEntries(
        Object.keys(LIBRARIES).map((specifier) => [specifier, this.address(libraryFile(specifier))]),
      ),
    });
    this.importMapHash = `'sha256-${createHash('sha256').update(this.importMap).digest('base64')}'`;
  }

  address(name: string): string {
    return `/console/files/${this.version}/${name}`;
  }

  /** @returns null when there is no such file */
  file(name: string): AssetFile | null {
    return this.#files.get(name) ?? null;
  }

  #add(name: string, mediaType: string, text: string): void {
    this.#files.set(name, { mediaType, body: Buffer.from(text) });
  }
}

function libraryFile(specifier: string): string {
  return `lib.${specifier.replaceAll('/', '.').replace('@', '')}.js`;
}

function readPackageFile(name: string, path: string): string {
  const found = findPackageJSON(name, import.meta.url);
  if (found === undefined) throw new Error(`The package ${name} is not installed: run npm ci.`);
  // Without the comment that names a source map: it is not served.
  return readFileSync(join(dirname(found), path), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
}

/** Node's own, which it runs our modules by; it warns once that its name may change, which helps nobody in a log. */
function stripTypes(source: string): string {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
