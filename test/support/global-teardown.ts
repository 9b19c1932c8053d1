import { clusterOfThisRun } from './test-cluster.ts';

/** Ends the cluster of globalSetup and removes its data. */
export default async function globalTeardown(): Promise<void> {
  await clusterOfThisRun.current?.remove();
}
