import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kafka 4's brokers need it. */
export const LOWEST_JAVA = 17;

/** The program that runs Kafka: of JAVA_HOME when that is set and has one, else of the path. */
export function javaProgram() {
  const home = process.env['JAVA_HOME'];
  const ofHome = home === undefined ? undefined : join(home, 'bin', 'java');
  return ofHome !== undefined && existsSync(ofHome) ? ofHome : 'java';
}

/**
 * 8 for `1.8.0_412`, 17 for `17.0.15`; undefined when there is no such program.
 *
 * @param {string} java
 */
export async function javaVersion(java) {
  try {
    const { stderr } = await run(java, ['-version']);
    const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr) ?? [];
    return Number(first === '1' ? second : first);
  } catch {
    return undefined;
  }
}
