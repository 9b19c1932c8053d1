import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from '../start/start-error.ts';
import { runCommand } from '../terminal/command.js';
import { playCampaign, type CampaignOptions } from './campaign.ts';
import { startChaosCluster } from './cluster/chaos-cluster.ts';
import type { FaultKind } from './faults/fault.ts';
import { FAULT_KINDS } from './faults/kinds.ts';
import { ChaosError, COMMAND, commandOf, readChaosOptions, type ChaosOptions } from './options.ts';
import { buildReport } from './report/build-report.ts';
import type { CampaignReport } from './report/campaign-report.ts';
import { drawCampaign } from './report/picture.ts';
import { summarise } from './report/summary.ts';

const RESULTS = join('chaos', 'results');

/**
 * `npm run chaos`: a campaign of faults against a cluster of its own.
 *
 * @returns the exit code: 0 when everything held, 1 when not
 */
async function main(): Promise<number> {
  const options = readChaosOptions(process.argv.slice(2));
  const kinds = kindsNamed(options.kinds);
  const out = options.json ? process.stderr : process.stdout;
  const beganAtMs = Date.now();
  const onProgress = (line: string): void => {
    const seconds = Math.round((Date.now() - beganAtMs) / 1000);
    out.write(`  ${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${line}\n`);
  };
  const folder = mkdtempSync(join(tmpdir(), 'orders-payments-chaos-'));
  const report = await runInFolder(options, { folder, kinds, onProgress });
  const files = save(report);
  out.write(`${summarise(report, files)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  if (report.verdict === 'held' && !options.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  else out.write(`  Logs and history are in ${folder}\n`);
  return report.verdict === 'held' ? 0 : 1;
}

type Place = Pick<CampaignOptions, 'folder' | 'kinds' | 'onProgress'>;

async function runInFolder(options: ChaosOptions, place: Place): Promise<CampaignReport> {
  const stopping = new AbortController();
  const cluster = await startChaosCluster(place);
  const onSignal = (): void => {
    // The second one: whoever presses it does not want to wait for checks.
    if (stopping.signal.aborted) void cluster.stop().finally(() => process.exit(2));
    place.onProgress('heals, checks and reports; Ctrl-C again ends at once');
    stopping.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const runId = `c${Date.now().toString(36)}`;
    const command = commandOf(options);
    const campaign: CampaignOptions = { ...options, ...place, cluster, runId, command, signal: stopping.signal };
    return buildReport(campaign, await playCampaign(campaign));
  } finally {
    await cluster.stop();
  }
}

/** @throws ChaosError naming all kinds, where one is not known */
function kindsNamed(names: readonly string[] | null): readonly FaultKind[] {
  if (names === null) return FAULT_KINDS;
  return names.map((name) => {
    const kind = FAULT_KINDS.find((known) => known.name === name);
    if (kind !== undefined) return kind;
    const all = FAULT_KINDS.map((known) => `  ${known.name.padEnd(32)}${known.what}`).join('\n');
    throw new ChaosError(`There is no kind of fault "${name}". There are:\n\n${all}`);
  });
}

/** @returns the paths of what was written */
function save(report: CampaignReport): string[] {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${report.startedAt.replaceAll(':', '-')}-${report.seed}`;
  const files = [join(RESULTS, `${name}.json`), join(RESULTS, `${name}.svg`)] as const;
  writeFileSync(files[0], `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(files[1], drawCampaign(report));
  return [...files];
}

await runCommand(COMMAND, main, {
  isForReader: (error) => error instanceof ChaosError || error instanceof StartError,
  failureCode: 2,
});
