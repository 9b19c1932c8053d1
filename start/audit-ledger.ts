import { auditAndKeep } from '../audit/audit-and-keep.ts';
import { describeProgress, describeReport, exitCodeOf, isColoured } from '../audit/describe-report.ts';
import { HELP, readCommandOptions } from '../audit/options.ts';
import type { AuditProgress } from '../audit/report.ts';
import { AuditImpossible } from '../audit/snapshots.ts';
import { ConfigError, loadConfig } from '../config/config.ts';
import { clusterEnvironment } from './cluster-environment.ts';
import { StartError } from './start-error.ts';

/** Often enough to look alive. */
const REDRAW_MS = 100;

/**
 * `npm run audit:ledger`: whether the money is right, on the cluster that runs here or that the environment names.
 *
 * @returns the exit code
 */
async function auditLedger(): Promise<number> {
  const options = readCommandOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const { orders, payments, kafka, namespace } = loadConfig(await clusterEnvironment());
  const calledOff = new AbortController();
  process.once('SIGINT', () => {
    calledOff.abort(new AuditImpossible('Called off.'));
  });
  const progress = progressLine();
  const done = await auditAndKeep(
    {
      ordersUrl: orders.auditUrl,
      paymentsUrl: payments.auditUrl,
      reportsUrl: payments.directUrl,
      kafka,
      namespace,
      onProgress: progress.show,
      signal: calledOff.signal,
    },
    options.incremental,
  ).finally(progress.clear);
  if (done === null) throw new AuditImpossible('Another audit of this cluster is running: wait for it.');
  const { report, isKept } = done;
  const text = options.json
    ? JSON.stringify(report, null, 2)
    : describeReport(report, { coloured: isColoured(process.stdout) });
  process.stdout.write(`${text}\n`);
  if (!isKept) process.stderr.write('  The report was not kept: the next --incremental begins where this one did.\n');
  return exitCodeOf(report);
}

/** One line that is written over, on a terminal; nothing anywhere else. */
function progressLine(): { show: (progress: AuditProgress) => void; clear: () => void } {
  const stream = process.stderr;
  if (!stream.isTTY || process.env['TERM'] === 'dumb') return { show: () => undefined, clear: () => undefined };
  let drawnAt = -Infinity;
  return {
    show: (progress) => {
      if (performance.now() - drawnAt < REDRAW_MS) return;
      drawnAt = performance.now();
      stream.write(`\r\x1b[2K  ${describeProgress(progress)}`.slice(0, stream.columns));
    },
    clear: () => {
      stream.write('\r\x1b[2K');
    },
  };
}

/** What somebody can put right is one sentence; anything else is a mistake of ours, with its stack. */
function explain(error: unknown): string {
  const isSaid = error instanceof AuditImpossible || error instanceof StartError || error instanceof ConfigError;
  return isSaid ? `\n  ${error.message}\n` : String((error as Error).stack);
}

auditLedger().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 2;
  },
);
