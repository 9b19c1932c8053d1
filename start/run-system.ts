import { accessSync, constants, mkdirSync } from 'node:fs';
import { Cluster, LOG_NAMES } from './cluster.ts';
import { ClusterRecord } from './cluster-state.ts';
import type { ClusterAddresses, ClusterState } from './cluster-state.ts';
import { dataFolderAt, emptyDataFolder } from './data-folder.ts';
import type { DataFolder } from './data-folder.ts';
import { endLeftovers } from './leftovers.ts';
import { shiftLogs } from './log-rotation.ts';
import type { StartOptions } from './options.ts';
import { preflight } from './preflight.ts';
import type { Progress } from './progress.ts';
import { StartError } from './start-error.ts';
import { onStopSignals } from './stop-signals.ts';

/** What runs, for whoever works with it. */
export interface StartedSystem {
  readonly addresses: ClusterAddresses;
  readonly folder: DataFolder;
  /** Settles at Ctrl-C, SIGTERM and the terminal's end. */
  readonly stopped: Promise<'stop'>;
}

/**
 * Starts the whole system, keeps it running while it is used, and stops it: at the end of `use`, at an error, at Ctrl-C.
 *
 * @param use what it is started for; left alone at Ctrl-C
 * @returns what `use` returns; 'stopped' when Ctrl-C came before
 * @throws StartError with one sentence on what stands in the way
 */
export async function runSystem<Result>(
  options: StartOptions,
  progress: Progress,
  env: NodeJS.ProcessEnv,
  use: (system: StartedSystem) => Promise<Result>,
): Promise<Result | 'stopped'> {
  const folder = dataFolderAt(options.dataDir);
  requireWritable(folder.path);
  const record = new ClusterRecord(options.dataDir);
  const claim = await record.claim();
  if (claim.outcome === 'running') throw new StartError(alreadyRunning(claim.state, folder), 'already-running');
  try {
    if (claim.leftovers.length > 0) {
      const names = claim.leftovers.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
      progress.warn(`An earlier start was killed and has left ${names}.`);
      await progress.step('Leftovers', 'ending them', () => endLeftovers(claim.leftovers), 'ended');
    }
    await preflight(options);
    if (options.fresh) emptyDataFolder(folder);
    shiftLogs(folder, LOG_NAMES);
    return await startAndUse(new Cluster(options, folder, record, progress, env), folder, progress, use);
  } finally {
    record.release();
  }
}

async function startAndUse<Result>(
  cluster: Cluster,
  folder: DataFolder,
  progress: Progress,
  use: (system: StartedSystem) => Promise<Result>,
): Promise<Result | 'stopped'> {
  const signals = onStopSignals(() => {
    progress.warn('Stopping at once.');
    void cluster.kill();
  });
  const stopped = signals.first.then(() => 'stopped' as const);
  try {
    const started = cluster.start();
    // Ctrl-C while it starts makes the start fail; the stop is what is told then.
    started.catch(() => undefined);
    const outcome = await Promise.race([started, stopped]);
    if (outcome === 'stopped') return outcome;
    const used = use({ addresses: outcome, folder, stopped: signals.first });
    // What it was about is over at Ctrl-C, and so is what it has to say.
    used.catch(() => undefined);
    return await Promise.race([used, stopped]);
  } finally {
    await cluster.stop();
  }
}

function requireWritable(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    accessSync(path, constants.W_OK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new StartError(
      `The data folder ${path} may not be written by you (${code}): make it yours ("sudo chown -R $USER" of it), or start with another one: DATA_DIR=~/orders-data npm start`,
      'data-folder',
    );
  }
}

function alreadyRunning({ supervisor, startedAt, addresses }: ClusterState, folder: DataFolder): string {
  const where = addresses === undefined ? 'it is just starting' : `gateway http://localhost:${addresses.apiPort}/api`;
  return (
    `The system runs already on ${folder.path}: ${where}, pid ${supervisor.pid}, since ${startedAt}. ` +
    `Nothing was touched; stop it by Ctrl-C in its terminal or "kill ${supervisor.pid}".`
  );
}
