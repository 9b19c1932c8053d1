import { clusterOfThisRun, startTestCluster } from './test-cluster.ts';

/** Starts one PostgreSQL and one Kafka for all integration tests of this run; tests find them by the environment. */
export default async function globalSetup(): Promise<void> {
  const cluster = await startTestCluster();
  clusterOfThisRun.current = cluster;
  process.env['TEST_POSTGRES_URL'] = cluster.postgresUrl;
  process.env['TEST_KAFKA_BROKERS'] = cluster.brokers;
}
