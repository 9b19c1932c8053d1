import { ownKafka, ownPostgres } from './own-cluster.ts';

/** What jest's globalSetup starts and its globalTeardown removes. */
export interface TestCluster {
  remove(): Promise<void>;
}

/** The one place where setup leaves the cluster for teardown: both run in jest's main process. */
export const clusterOfThisRun: { current: TestCluster | undefined } = ((
  globalThis as { ordersPaymentsTestCluster?: { current: TestCluster | undefined } }
).ordersPaymentsTestCluster ??= { current: undefined });

/** Starts PostgreSQL and Kafka; leaves neither when the other fails. */
export async function startTestCluster(): Promise<TestCluster & { postgresUrl: string; brokers: string }> {
  const [postgres, kafka] = await Promise.allSettled([ownPostgres(), ownKafka()]);
  const remove = async (): Promise<void> => {
    for (const one of [kafka, postgres]) {
      if (one.status === 'fulfilled') await one.value.remove();
    }
  };
  for (const one of [postgres, kafka]) {
    if (one.status === 'rejected') {
      await remove();
      throw one.reason;
    }
  }
  if (postgres.status === 'rejected' || kafka.status === 'rejected') throw new Error('Rejections are thrown above.');
  return { remove, postgresUrl: postgres.value.urlOf('postgres'), brokers: kafka.value.brokers };
}
