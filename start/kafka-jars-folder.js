import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What names the jars of the embedded Kafka.
 *
 * @param {string} root of the project
 */
export function kafkaPom(root) {
  return join(root, 'start', 'kafka', 'pom.xml');
}

/**
 * The folder of the jars that `start/kafka/pom.xml` names; another pom, another folder.
 *
 * @param {string} root of the project
 */
export function kafkaJarsFolderOf(root) {
  const version = createHash('sha256')
    .update(readFileSync(kafkaPom(root)))
    .digest('hex')
    .slice(0, 12);
  return join(root, '.kafka', `libs-${version}`);
}
