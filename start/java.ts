import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from './start-error.ts';

const run = promisify(execFile);

// Kafka 4's brokers need it.
const LOWEST_JAVA = 17;

/**
 * The program that runs Kafka: of JAVA_HOME when that is set, else of the path.
 *
 * @throws StartError when there is none, or it is older than Java 17.
 */
export async function findJava(): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const ofHome = home === undefined ? undefined : join(home, 'bin', 'java');
  const java = ofHome !== undefined && existsSync(ofHome) ? ofHome : 'java';
  const version = await versionOf(java);
  if (version === undefined) {
    throw new StartError(
      'Java is not installed; the embedded Kafka needs Java 17 or newer: install it, or set KAFKA_BROKERS to a Kafka of yours.',
      'java',
    );
  }
  if (version < LOWEST_JAVA) {
    throw new StartError(
      `${java} is Java ${version}, and the embedded Kafka needs Java 17 or newer: install it and set JAVA_HOME, or set KAFKA_BROKERS to a Kafka of yours.`,
      'java',
    );
  }
  return java;
}

/** 8 for `1.8.0_412`, 17 for `17.0.15`; undefined when there is no such program. */
async function versionOf(java: string): Promise<number | undefined> {
  try {
    const { stderr } = await run(java, ['-version']);
    const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr) ?? [];
    return Number(first === '1' ? second : first);
  } catch {
    return undefined;
  }
}
