import { databaseAnswers } from './database-answers.ts';
import { findJava } from './java.ts';
import { requireMavenUnlessJarsAreThere } from './kafka-jars.ts';
import type { StartOptions } from './options.ts';
import { isPortFree } from './port-free.js';
import { portOwner } from './port-owner.js';
import { someBrokerListens } from './kafka-answers.ts';
import { StartError } from './start-error.ts';

/**
 * Looks for everything that would stop the start, before anything is started or touched.
 *
 * @throws StartError with one sentence on what is missing or taken, and what to do.
 */
export async function preflight({ config, external }: StartOptions): Promise<void> {
  await requireFreePort(config.http.apiPort, 'the gateway', 'API_PORT');
  await requireFreePort(config.http.ordersPort, 'the orders node', 'ORDERS_PORT');
  await requireFreePort(config.http.paymentsPort, 'the payments node', 'PAYMENTS_PORT');
  if (external.kafka) {
    await requireKafka(config.kafka.brokers);
  } else {
    await findJava();
    await requireMavenUnlessJarsAreThere();
  }
  if (external.orders) await requireDatabase('ORDERS_DATABASE_URL', config.orders.url);
  if (external.payments) await requireDatabase('PAYMENTS_DATABASE_URL', config.payments.url);
}

async function requireFreePort(port: number, user: string, variable: string): Promise<void> {
  if (await isPortFree(port)) return;
  throw new StartError(
    `Port ${port}, which ${user} needs, is used by ${portOwner(port)}: stop that, or start with another port: ${variable}=${port + 10} npm start`,
    'port-in-use',
  );
}

async function requireKafka(brokers: readonly string[]): Promise<void> {
  if (await someBrokerListens(brokers)) return;
  throw new StartError(
    `No Kafka can be reached at ${brokers.join(', ')} (KAFKA_BROKERS): start it or correct the address, or unset KAFKA_BROKERS to use the embedded one.`,
    'kafka-unreachable',
  );
}

async function requireDatabase(variable: string, url: string): Promise<void> {
  try {
    await databaseAnswers(url);
  } catch (error) {
    const reason = (error as Error).message || ((error as NodeJS.ErrnoException).code ?? 'no answer');
    throw new StartError(
      `The database of ${variable} does not answer (${reason}): start, create or correct it, or unset ${variable} to use the embedded PostgreSQL.`,
      'database-unreachable',
    );
  }
}
