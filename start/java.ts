import { javaProgram, javaVersion, LOWEST_JAVA } from './java-version.js';
import { StartError } from './start-error.ts';

/**
 * The program that runs Kafka: of JAVA_HOME when that is set, else of the path.
 *
 * @throws StartError when there is none, or it is older than Java 17.
 */
export async function findJava(): Promise<string> {
  const java = javaProgram();
  const version = await javaVersion(java);
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
