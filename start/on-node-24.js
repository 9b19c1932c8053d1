import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Plain JavaScript: an older Node has to be able to say this before it meets TypeScript.
const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  console.error(
    `\n  Node ${NEEDED} is needed and this is ${process.version}: run "npm ci", which brings Node ${NEEDED} into node_modules/.bin, and use "npm start" or "npm run …", which take it from there.\n`,
  );
  process.exit(1);
}

// What is set in the environment itself goes first.
const settings = fileURLToPath(new URL('../.env', import.meta.url));
if (existsSync(settings)) {
  try {
    process.loadEnvFile(settings);
  } catch (error) {
    console.error(`\n  ${settings} cannot be read: ${error.message}.\n`);
    process.exit(1);
  }
}

const [node, , script, ...args] = process.argv;
const url = new URL(`../${script}`, import.meta.url);
process.argv = [node, fileURLToPath(url), ...args];
await import(url.href);
