import { join } from 'node:path';
import { installStep, runTool, toolFolder } from './tool.ts';

/** A thing that the parser says of a document: 0 is an error, 1 a warning, 2 and 3 are hints. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly severity: 0 | 1 | 2 | 3;
}

export interface Parsed {
  readonly diagnostics: readonly Diagnostic[];
  /** Names of the messages that it found; null when it made no sense of the document. */
  readonly messages: readonly string[] | null;
}

const VERSION = '3.6.3';
const PROGRAM = `
const { Parser } = require('@asyncapi/parser');
(async () => {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  const { document, diagnostics } = await new Parser().parse(text);
  const messages = document === undefined ? null : document.components().messages().all().map((message) => message.id());
  process.stdout.write(JSON.stringify({ messages, diagnostics }));
})();
`;

/** Brings the AsyncAPI Initiative's own parser by npm: it checks more than the schema: references, and what they lead to. */
export async function installAsyncApiParser(): Promise<(document: string) => Promise<Parsed>> {
  const folder = await toolFolder(`asyncapi-parser-${VERSION}`, async (half) => {
    const quiet = ['--no-audit', '--no-fund', '--silent', '--ignore-scripts'];
    await installStep('install npm', 'npm', ['install', '--prefix', half, ...quiet, `@asyncapi/parser@${VERSION}`]);
  });
  return async (document) => {
    const env = { NODE_PATH: join(folder, 'node_modules') };
    const { code, stdout, stderr } = await runTool(process.execPath, ['-e', PROGRAM], { env, input: document });
    if (code !== 0) throw new Error(`The parser of AsyncAPI ended with code ${code}: ${stderr}`);
    return JSON.parse(stdout) as Parsed;
  };
}
