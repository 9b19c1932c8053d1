import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import swaggerUiFolder from 'swagger-ui-dist/absolute-path.js';

/** The page that shows the OpenAPI document: Swagger UI, from the package's own files. Nothing of it is elsewhere. */

interface DocsFile {
  readonly mediaType: string;
  readonly body: Buffer;
}

/** A file of its own: inline scripts would need a hole in the Content-Security-Policy. */
const START_SCRIPT = `'use strict';
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  // Otherwise a badge of the document comes from swagger.io.
  validatorUrl: null,
});
`;

/** Nothing else of the package is served. */
const PACKAGE_FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;
const START_FILE = 'start.js';
const VERSION_CHARACTERS = 12;

/** The page and its files, read once: 1.7 MB. */
export class DocsPage {
  readonly #files: ReadonlyMap<string, DocsFile>;
  /** Changes when a file does. */
  readonly version: string;

  constructor() {
    const folder = swaggerUiFolder();
    const files = new Map<string, DocsFile>(
      Object.entries(PACKAGE_FILES).map(([name, mediaType]) => [
        name,
        { mediaType, body: readFileSync(join(folder, name)) },
      ]),
    );
    files.set(START_FILE, { mediaType: PACKAGE_FILES['swagger-ui-bundle.js'], body: Buffer.from(START_SCRIPT) });
    const hash = createHash('sha256');
    for (const { body } of files.values()) hash.update(body);
    this.#files = files;
    this.version = hash.digest('base64url').slice(0, VERSION_CHARACTERS);
  }

  get html(): string {
    const address = (file: string): string => `/docs/${file}?v=${this.version}`;
    return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Orders and payments</title>
<link rel="icon" href="${address('favicon-32x32.png')}">
<link rel="stylesheet" href="${address('swagger-ui.css')}">
<div id="docs"></div>
<noscript>This page needs JavaScript; <a href="/openapi.json">the document itself</a> does not.</noscript>
<script src="${address('swagger-ui-bundle.js')}"></script>
<script src="${address(START_FILE)}"></script>
</html>
`;
  }

  /** Without parameters, by file. */
  get mediaTypes(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#files].map(([name, { mediaType }]) => [name, mediaType.replace(/;.*/, '')]));
  }

  /** @returns null when the page has no such file */
  file(name: string): DocsFile | null {
    return this.#files.get(name) ?? null;
  }
}
