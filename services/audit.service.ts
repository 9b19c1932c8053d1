import type { Context, Service, ServiceBroker, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import { setTimeout as sleep } from 'node:timers/promises';
import { auditAndKeep } from '../audit/audit-and-keep.ts';
import { lastReport, lastVerdict } from '../audit/kept-reports.ts';
import type { AuditAnswer, AuditProgress } from '../audit/report.ts';
import { loadConfig, type Config } from '../config/config.ts';
import { auditMetricsOf } from '../metrics/audit-metrics.ts';
import { Reading } from '../metrics/reading.ts';
import { Repeated } from '../mixins/time/repeated.ts';
import { errorText } from '../problems/error-text.ts';
import { problem } from '../problems/problems.ts';

/** Of the time that a caller waits: an answer takes a moment itself. A small cluster is audited by then. */
const ANSWER_WITHIN_PERCENT = 60;
const NOT_BEGUN: AuditProgress = { stage: 'ledger', rows: 0, share: 0 };

interface AuditService extends Service {
  running: { readonly done: Promise<void>; readonly stop: AbortController; progress: AuditProgress } | null;
  failure: string | null;
  schedule: Repeated;
}

/**
 * Audit: whether the money is right. It reads the databases of both services, which no other service may, and writes
 * nothing but its reports. It begins one by itself when the last is too old. No HTTP route leads here.
 */
export function auditService(config: Config): ServiceSchema<ServiceSettingSchema, AuditService> {
  const intervalMs = config.auditIntervalS * 1000;
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
      this.schedule = new Repeated({
        dueAfterMs: intervalMs,
        look: async (signal) => {
          if (this.running !== null || !(await isDue(config, intervalMs)) || signal.aborted) return;
          this.running ??= begin(this, config, true);
          // What is wrong with it is in the log already.
          await this.running.done.catch(() => undefined);
        },
        onFailure: (error) => {
          this.logger.warn(`Whether an audit is due could not be asked: ${errorText(error)}`);
        },
      });
    },

    started(this: AuditService) {
      if (intervalMs > 0) this.schedule.start();
      return Promise.resolve();
    },

    async stopped(this: AuditService) {
      const stopped = this.schedule.stop();
      this.running?.stop.abort(new Error('The node stops.'));
      await this.running?.done.catch(() => undefined);
      await stopped;
    },
  };
}

/** By any node's, or person's, last one. A clock that was ahead must not put the next one off. */
async function isDue({ payments }: Config, intervalMs: number): Promise<boolean> {
  const last = await lastVerdict(payments.directUrl);
  // eslint-disable-next-line no-restricted-syntax -- milliseconds
  return last === null || Math.abs(Date.now() - last.startedAt.getTime()) >= intervalMs;
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
      if (!(error instanceof AnotherRuns)) {
        if (!stop.signal.aborted) failures.inc();
        service.logger.warn(`An audit could not be done: ${String(why)}`);
      }
      throw why;
    } finally {
      service.running = null;
    }
  };
  const running = { stop, progress: NOT_BEGUN, done: work() };
  // Whoever waits hears of it, and perhaps nobody does.
  running.done.catch(() => undefined);
  return running;
}

function impossible(error: unknown): Error {
  return problem('service-unavailable', `The audit could not be done: ${errorText(error)}`);
}

/** What moleculer-runner loads. */
export default (broker: ServiceBroker): unknown => broker.createService(auditService(loadConfig(process.env)));
