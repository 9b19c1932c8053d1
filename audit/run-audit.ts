import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConfig } from '../config/config.ts';
import { eventTopics } from '../events/topics.ts';
import { errorText } from '../problems/error-text.ts';
import { BEFORE_ALL_IDS, checkDecisionsOf, sweepDecisions } from './decisions/decision-sweep.ts';
import { Findings } from './findings.ts';
import { sweepChangedAccounts, sweepLedger } from './ledger/ledger-sweep.ts';
import { traceableOrders } from './decisions/traceable-orders.ts';
import { makeMark } from './mark.ts';
import { sweepOutboxes } from './on-the-way/sweep-outboxes.ts';
import type { Routes } from './on-the-way/routes.ts';
import { sweepUndecided } from './on-the-way/sweep-undecided.ts';
import { TopicSpans } from './on-the-way/topic-spans.ts';
import type { AuditMark, AuditProgress, AuditReport } from './report.ts';
import { AuditImpossible, Snapshots } from './snapshots.ts';
import { Counts, type Sweep } from './sweep.ts';

export type { AuditMark, AuditReport, AuditViolation } from './report.ts';

export interface AuditOptions {
  /** PostgreSQL URLs. Direct ones: a pooler may refuse the settings of a read-only session. */
  readonly ordersUrl: string;
  readonly paymentsUrl: string;
  readonly kafka: KafkaConfig;
  /** Of the cluster: part of the names of topics and groups. */
  readonly namespace: string;
  /** Looks only at what has changed since the report that this mark is from. */
  readonly since?: AuditMark | null | undefined;
  /** Told after each range of rows. */
  readonly onProgress?: ((progress: AuditProgress) => void) | undefined;
  /** Calls the audit off, between two snapshots. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks I1–I5, I8 and I9 on the live databases. It reads in short snapshots by ranges of keys and writes nothing, so it
 * may run at any time; docs/audit.md says what each check compares and why it raises no false alarm.
 *
 * @returns what was looked at and what is wrong. Kafka away: what had to be asked there is `unanswered`
 * @throws AuditImpossible when a database cannot be read, and the signal's reason when it was called off
 */
export async function runAudit(options: AuditOptions): Promise<AuditReport> {
  const { signal, since = null } = options;
  const startedAt = new Date();
  const orders = new Snapshots(options.ordersUrl, 'orders', signal);
  const payments = new Snapshots(options.paymentsUrl, 'payments', signal);
  const topics = new TopicSpans(options.kafka);
  let onRows: Sweep['onRows'] = () => undefined;
  const sweep: Sweep = {
    orders,
    payments,
    findings: new Findings(),
    counts: new Counts(),
    onRows: (stage, rows) => {
      onRows(stage, rows);
    },
    pause: async (ms) => {
      await sleep(ms, undefined, { ...(signal !== undefined && { signal }) });
    },
  };
  try {
    onRows = await progressOf(options, orders, payments);
    const mark = await makeMark(orders, startedAt);
    await (since === null ? sweepLedger(sweep) : sweepChangedAccounts(sweep, since.since));
    const routes = routesOf(options.namespace);
    const trace = await traceableOrders(orders, routes.toOrders.consumer, startedAt);
    if (since !== null) await checkDecisionsOf(sweep, since.openOrderIds, trace);
    await sweepDecisions(sweep, since?.afterOrderId ?? BEFORE_ALL_IDS, trace);
    await sweepOutboxes(sweep, routes);
    const unanswered = await followEvents(sweep, topics, routes);
    return {
      startedAt: startedAt.toISOString(),
      tookMs: Date.now() - startedAt.getTime(),
      mode: since === null ? 'full' : 'incremental',
      counted: sweep.counts.toJSON(),
      checks: sweep.findings.checks(),
      violationCount: sweep.findings.count,
      violations: sweep.findings.violations(),
      discarded: sweep.findings.discarded,
      unanswered,
      longestSnapshotMs: Math.round(Math.max(orders.longestMs, payments.longestMs)),
      mark,
    };
  } finally {
    await Promise.all([orders.close(), payments.close(), topics.close()]);
  }
}

/** Only this part needs Kafka: without it, the rest is still an answer. */
async function followEvents(sweep: Sweep, topics: TopicSpans, routes: Routes): Promise<string[]> {
  try {
    await sweepUndecided(sweep, topics, routes);
    return [];
  } catch (error) {
    if (error instanceof AuditImpossible || (error instanceof Error && error.name === 'AbortError')) throw error;
    return [
      `Whether the events of orders that are not final are on their way: Kafka did not say (${errorText(error)}).`,
    ];
  }
}

/** The consumers' names are their group ids, after the namespace. */
function routesOf(namespace: string): Routes {
  const topics = eventTopics(namespace);
  const groupOf = (consumer: string): string => (namespace === '' ? consumer : `${namespace}.${consumer}`);
  return {
    toPayments: {
      consumer: 'payments.pay',
      groupId: groupOf('payments.pay'),
      topic: topics.orders.name,
      aggregateType: 'order',
    },
    toOrders: {
      consumer: 'orders.settle',
      groupId: groupOf('orders.settle'),
      topic: topics.payments.name,
      aggregateType: 'payment',
    },
  };
}

/** As many rows as the tables are estimated to have; of an incremental audit nobody knows. */
async function progressOf(
  { onProgress, since = null }: AuditOptions,
  orders: Snapshots,
  payments: Snapshots,
): Promise<Sweep['onRows']> {
  if (onProgress === undefined) return () => undefined;
  const estimate = async (database: Snapshots, tables: readonly string[]): Promise<number> => {
    const [row] = await database.query<{ rows: number }>(
      `SELECT sum(greatest(reltuples, 0))::float8 AS rows FROM pg_class WHERE oid = ANY (SELECT to_regclass(name) FROM unnest($1::text[]) AS name)`,
      [tables],
    );
    return row?.rows ?? 0;
  };
  const totals = {
    ledger: since === null ? await estimate(payments, ['accounts', 'ledger_entries']) : 0,
    decisions: since === null ? await estimate(orders, ['orders']) : 0,
    'events on their way': 0,
  };
  const done = { ledger: 0, decisions: 0, 'events on their way': 0 };
  return (stage, rows) => {
    done[stage] += rows;
    const share = totals[stage] === 0 ? 0 : Math.min(1, done[stage] / totals[stage]);
    onProgress({ stage, rows: done[stage], share });
  };
}
