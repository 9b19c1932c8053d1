import { auditAndKeep } from '../audit/audit-and-keep.ts';
import { describeProgress, describeReport, exitCodeOf } from '../audit/describe-report.ts';
import { COMMAND } from '../audit/options.ts';
import type { AuditProgress } from '../audit/report.ts';
import { AuditImpossible } from '../audit/snapshots.ts';
import { ConfigError, loadConfig } from '../config/config.ts';
import { isColoured, isDrawn } from '../terminal/colours.js';
import { runCommand } from '../terminal/command.js';
import type { ValuesOf } from '../terminal/command-types.ts';
import { clusterEnvironment } from './cluster-environment.ts';
import { StartError } from './start-error.ts';

/** Often enough to look alive. */
const REDRAW_MS = 100;

/**
 * `npm run audit:ledger`: whether the money is right, on the cluster that runs here or that the environment names.
 *
 * @returns the exit code
 */
async function auditLedger(options: ValuesOf<typeof COMMAND.options>): Promise<number> {
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
    : describeReport(report, { coloured: isColoured(process.stdout, process.env) });
  process.stdout.write(`${text}\n`);
  if (!isKept) process.stderr.write('  The report was not kept: the next --incremental begins where this one did.\n');
  return exitCodeOf(report);
}

/** One line that is written over, on a terminal; nothing anywhere else. */
function progressLine(): { show: (progress: AuditProgress) => void; clear: () => void } {
  const stream = process.stderr;
  if (!isDrawn(stream, process.env)) return { show: () => undefined, clear: () => undefined };
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

await runCommand(COMMAND, auditLedger, {
  isForReader: (error) =>
    error instanceof AuditImpossible || error instanceof StartError || error instanceof ConfigError,
  failureCode: 2,
});
