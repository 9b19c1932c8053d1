import { unknownVariables } from '../config/unknown-variables.ts';
import { Cluster, LOG_NAMES } from './cluster.ts';
import { ClusterRecord } from './cluster-state.ts';
import type { ClusterState } from './cluster-state.ts';
import { dataFolderAt, emptyDataFolder, rotateLogs } from './data-folder.ts';
import type { DataFolder } from './data-folder.ts';
import { endLeftovers } from './leftovers.ts';
import { HELP, readStartOptions } from './options.ts';
import type { StartOptions } from './options.ts';
import { preflight } from './preflight.ts';
import { Progress } from './progress.ts';
import { StartError } from './start-error.ts';
import { onStopSignals } from './stop-signals.ts';
import { summary } from './summary.ts';

/** `npm start`: the whole system from one command. */
async function main(): Promise<void> {
  const progress = new Progress(process.stdout, process.env);
  const options = readStartOptions(process.argv.slice(2), process.env);
  if (options.help) {
    progress.say(HELP);
    return;
  }
  for (const warning of unknownVariables(process.env)) progress.warn(warning);
  const folder = dataFolderAt(options.dataDir);
  const record = new ClusterRecord(options.dataDir);
  const claim = await record.claim();
  if (claim.outcome === 'running') throw new StartError(alreadyRunning(claim.state, folder));
  try {
    if (claim.leftovers.length > 0) {
      const names = claim.leftovers.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
      progress.warn(`An earlier start was killed and has left ${names}.`);
      await progress.step('Leftovers', 'ending them', () => endLeftovers(claim.leftovers), 'ended');
    }
    await preflight(options);
    if (options.fresh) emptyDataFolder(folder);
    rotateLogs(folder, LOG_NAMES);
    await runUntilStopped(options, folder, record, progress);
  } finally {
    record.release();
  }
}

async function runUntilStopped(
  options: StartOptions,
  folder: DataFolder,
  record: ClusterRecord,
  progress: Progress,
): Promise<void> {
  const cluster = new Cluster(options, folder, record, progress, process.env);
  const signals = onStopSignals(() => {
    progress.warn('Stopping at once.');
    void cluster.kill();
  });
  try {
    const started = cluster.start();
    // Ctrl-C while it starts makes the start fail; the stop is what is told then.
    started.catch(() => undefined);
    const outcome = await Promise.race([started, signals.first]);
    if (outcome !== 'stop') {
      progress.say(summary(outcome, options.config.access, folder, performance.now(), process.cwd()));
      await signals.first;
    }
  } finally {
    await cluster.stop();
  }
}

function alreadyRunning({ supervisor, startedAt, addresses }: ClusterState, folder: DataFolder): string {
  const where = addresses === undefined ? 'it is just starting' : `gateway http://localhost:${addresses.apiPort}/api`;
  return (
    `The system runs already on ${folder.path}: ${where}, pid ${supervisor.pid}, since ${startedAt}. ` +
    `Nothing was touched; stop it by Ctrl-C in its terminal or "kill ${supervisor.pid}".`
  );
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof StartError ? `\n  ${error.message}\n` : error);
    process.exit(1);
  },
);
