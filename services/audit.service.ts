import type { Context, Service, ServiceBroker, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import { setTimeout as sleep } from 'node:timers/promises';
import { auditAndKeep } from '../audit/audit-and-keep.ts';
import { lastReport, lastVerdict } from '../audit/kept-reports.ts';
import type { AuditAnswer, AuditProgress } from '../audit/report.ts';
import { loadConfig, type Config } from '../config/config.ts';
import { auditMetricsOf } from '../metrics/audit-metrics.ts';
import { Reading } from '../metrics/reading.ts';
import { errorText } from '../problems/error-text.ts';
import { problem } from '../problems/problems.ts';

/** Of the time that a caller waits: an answer takes a moment itself. A small cluster is audited by then. */
const ANSWER_WITHIN_PERCENT = 60;
const NOT_BEGUN: AuditProgress = { stage: 'ledger', rows: 0, share: 0 };

interface AuditService extends Service {
  running: { readonly done: Promise<void>; readonly stop: AbortController; progress: AuditProgress } | null;
  failure: string | null;
}

/**
 * Audit: whether the money is right. It reads the databases of both services, which no other service may, and writes
 * nothing but its reports. No HTTP route leads here.
 */
export function auditService(config: Config): ServiceSchema<ServiceSettingSchema, AuditService> {
  return {
    name: 'audit',

    actions: {
      /** Begins an audit, unless one runs, and waits for it as long as a call may take; `audit.last` says the rest. */
      run: {
        visibility: 'public',
        params: { incremental: { type: 'boolean', optional: true, convert: true } },
        async handler(this: AuditService, ctx: Context<{ incremental?: boolean }>): Promise<AuditAnswer> {
          this.running ??= begin(this, config, ctx.params.incremental ?? false);
          const isDone = this.running.done.then(() => true);
          const answerBy = sleep((config.requestTimeoutMs * ANSWER_WITHIN_PERCENT) / 100, false, { ref: false });
          await Promise.race([isDone, answerBy]);
          return answer(this, config);
        },
      },

      /** The last report, and how far the running one has come. */
      last: {
        visibility: 'public',
        handler(this: AuditService): Promise<AuditAnswer> {
          return answer(this, config);
        },
      },
    },

    created(this: AuditService) {
      this.running = null;
      this.failure = null;
      const last = new Reading(() => lastVerdict(config.payments.directUrl));
      auditMetricsOf(this.broker).last.add(this.name, () => last.get());
    },

    async stopped(this: AuditService) {
      this.running?.stop.abort(new Error('The node stops.'));
      await this.running?.done.catch(() => undefined);
    },
  };
}

/** No failure: that one leaves a report. */
class AnotherRuns extends Error {
  constructor() {
    super('Another audit of this cluster is running.');
  }
}

async function answer(service: AuditService, config: Config): Promise<AuditAnswer> {
  try {
    // First whether one runs: what ends while its report is asked for is asked for once more.
    const { running, failure, broker } = service;
    const report = await lastReport(config.payments.directUrl);
    return { nodeId: broker.nodeID, running: running?.progress ?? null, failure, report };
  } catch (error) {
    throw impossible(error);
  }
}

function begin(service: AuditService, config: Config, isIncremental: boolean): NonNullable<AuditService['running']> {
  const stop = new AbortController();
  const { failures } = auditMetricsOf(service.broker);
  service.failure = null;
  const work = async (): Promise<void> => {
    try {
      const done = await auditAndKeep(
        {
          ordersUrl: config.orders.auditUrl,
          paymentsUrl: config.payments.auditUrl,
          reportsUrl: config.payments.directUrl,
          kafka: config.kafka,
          namespace: config.namespace,
          onProgress: (progress) => (running.progress = progress),
          signal: stop.signal,
        },
        isIncremental,
      );
      if (done === null) throw new AnotherRuns();
      if (!done.isKept) {
        service.failure = 'The report of the audit could not be kept in the payments database.';
        failures.inc();
      }
      for (const { invariant, what } of done.report.violations) {
        service.logger.error(`${invariant} is violated: ${what}`);
      }
    } catch (error) {
      const why = impossible(error);
      service.failure = why.message;
      if (!(error instanceof AnotherRuns) && !stop.signal.aborted) failures.inc();
      throw why;
    } finally {
      service.running = null;
    }
  };
  const running = { stop, progress: NOT_BEGUN, done: work() };
  // Whoever waits hears of it; when nobody does any more, the log says it.
  running.done.catch((error: unknown) => {
    service.logger.warn(`An audit could not be done: ${String(error)}`);
  });
  return running;
}

function impossible(error: unknown): Error {
  return problem('service-unavailable', `The audit could not be done: ${errorText(error)}`);
}

/** What moleculer-runner loads. */
export default (broker: ServiceBroker): unknown => broker.createService(auditService(loadConfig(process.env)));
