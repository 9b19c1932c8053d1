import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runAudit, type AuditMark } from '../audit/run-audit.ts';
import { Audits, type AuditRecord } from './checks/audits.ts';
import { checkDatabases, type DatabaseFindings } from './checks/check-databases.ts';
import { checkThroughRest, type RestFindings } from './checks/read-accounts.ts';
import type { ChaosCluster } from './cluster/chaos-cluster.ts';
import type { FaultKind, FaultRecord } from './faults/fault.ts';
import { runFaults } from './faults/run-faults.ts';
import { Load } from './load/load.ts';

export interface CampaignOptions {
  readonly cluster: ChaosCluster;
  /** Of this run: the history goes there. */
  readonly folder: string;
  readonly runId: string;
  /** That runs it again. */
  readonly command: string;
  readonly kinds: readonly FaultKind[];
  readonly minutes: number;
  readonly seed: number;
  readonly maxPerSecond: number;
  /** Ends the faults early; everything is healed, checked and reported all the same. */
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Everything that a campaign saw; times are `Date.now()`. */
export interface Played {
  readonly load: Load;
  readonly faults: readonly FaultRecord[];
  readonly audits: Audits<AuditMark>;
  readonly faultsFromMs: number;
  readonly lastHealAtMs: number;
  /** Null: some order was not final when the wait was given up. */
  readonly allFinalAtMs: number | null;
  readonly lastAudit: AuditRecord;
  readonly rest: RestFindings;
  readonly databases: DatabaseFindings;
}

/** More than the 30 s that are promised, to see how late a late one is. */
const FINAL_LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 100;
const PROGRESS_EVERY_MS = 15_000;

/**
 * Loads a cluster, breaks it, heals it, and checks it.
 *
 * @throws Error when the checks could not be done; what they find is part of the result
 */
export async function playCampaign(options: CampaignOptions): Promise<Played> {
  const { cluster, folder, minutes, seed, onProgress } = options;
  mkdirSync(folder, { recursive: true });
  const load = new Load({ ...options, ...cluster, historyFile: join(folder, 'history.jsonl') });
  const { ordersUrl, paymentsUrl, kafka, namespace } = cluster;
  const audits = new Audits((since: AuditMark | null, signal) =>
    runAudit({ ordersUrl, paymentsUrl, kafka, namespace, since, signal }),
  );
  const progress = setInterval(() => {
    onProgress(progressOf(load, audits));
  }, PROGRESS_EVERY_MS);
  try {
    load.start();
    await load.prepared(options.signal);
    onProgress(`${load.history.accounts.length} accounts are there; faults come for ${minutes} minutes, seed ${seed}`);
    audits.start();
    const faultsFromMs = Date.now();
    const faults = await breakIt(options, load);
    const lastHealAtMs = Date.now();
    onProgress('everything is healed; what is unknown is asked for, what is open becomes final');
    await load.resolve(FINAL_LIMIT_MS);
    const allFinalAtMs = await waitUntilFinal(load, lastHealAtMs + FINAL_LIMIT_MS);
    await audits.stop();
    onProgress('full audit, and every account through REST');
    const lastAudit = await audits.runOnce(true);
    const rest = await checkThroughRest(load.history, cluster.gateways);
    const databases = await checkDatabases(cluster, load.history, options.runId);
    return { load, faults, audits, faultsFromMs, lastHealAtMs, allFinalAtMs, lastAudit, rest, databases };
  } finally {
    clearInterval(progress);
    await audits.stop();
    await load.stop();
  }
}

async function breakIt(options: CampaignOptions, load: Load): Promise<readonly FaultRecord[]> {
  const { cluster, kinds, minutes, seed, signal, onProgress } = options;
  return await runFaults({
    cluster,
    kinds,
    seed,
    signal,
    durationMs: minutes * 60_000,
    ordersInFlight: () => load.ordersInFlight(),
    requestsInFlight: () => load.requestsInFlight(),
    onRecord: ({ kind, target, hit, startedAtMs, healedAtMs }) => {
      const lengthS = ((healedAtMs - startedAtMs) / 1000).toFixed(1);
      onProgress(`${kind} on ${target}: ${lengthS} s${hit ? '' : ', without effect'}`);
    },
  });
}

async function waitUntilFinal(load: Load, limitAtMs: number): Promise<number | null> {
  while (load.ordersInFlight() > 0) {
    if (Date.now() > limitAtMs) return null;
    await sleep(LOOK_EVERY_MS);
  }
  return Date.now();
}

function progressOf(load: Load, audits: Audits<AuditMark>): string {
  const { orders, notFinal, unknown, violations } = load.history;
  const done = audits.records.filter(({ error }) => error === null).length;
  return [
    `${orders.size} orders, ${notFinal.size} not final`,
    `${unknown.size} posts unknown`,
    `${Math.round(load.perSecond)} requests/s`,
    `${done} audits`,
    `${violations.count + audits.violations.length} violations`,
  ].join(' · ');
}
