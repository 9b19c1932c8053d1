import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Plain JavaScript: an older Node has to be able to say this before it meets TypeScript.
const NEEDED = 24;

/** @param {string} sentence */
function refuse(sentence) {
  console.error(`\n  ${sentence} "npm run doctor" says what else this machine lacks.\n`);
  process.exit(1);
}

if (!existsSync(new URL('../node_modules', import.meta.url))) refuse('No packages are installed here: run "npm ci".');
if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  refuse(
    `Node ${NEEDED} is needed and this is ${process.version}: run "npm ci", which brings Node ${NEEDED} into node_modules/.bin, and use "npm start" or "npm run …", which take it from there.`,
  );
}

// What is set in the environment itself goes first.
const settings = fileURLToPath(new URL('../.env', import.meta.url));
if (existsSync(settings)) {
  try {
    process.loadEnvFile(settings);
  } catch (error) {
    refuse(`${settings} cannot be read: ${String(error)}.`);
  }
}

const [node = '', , script = '', ...args] = process.argv;
const url = new URL(`../${script}`, import.meta.url);
process.argv = [node, fileURLToPath(url), ...args];
await import(url.href);
