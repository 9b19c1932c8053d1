import { Counter } from 'prom-client';
import type { AuditVerdict } from '../audit/kept-reports.ts';
import { readGauge, Sources, type Sample } from './readings.ts';
import { oncePerNode } from './registry.ts';

/** @returns what this node knows of audits */
export const auditMetricsOf = oncePerNode((registers) => {
  const last = new Sources<AuditVerdict>();
  const labelNames = [] as const;
  const sample = (value: number): Sample<never>[] => [{ labels: {}, value }];
  readGauge(registers, {
    name: 'audit_last_run_timestamp_seconds',
    help: 'When the audit began whose report was kept last; none before the first.',
    labelNames,
    sources: last,
    toSamples: ({ startedAt }) => sample(startedAt.getTime() / 1000),
  });
  readGauge(registers, {
    name: 'audit_violations',
    help: 'What contradicts an invariant, in the report that was kept last.',
    labelNames,
    sources: last,
    toSamples: ({ violations }) => sample(violations),
  });
  readGauge(registers, {
    name: 'audit_unanswered',
    help: 'Questions that could not be asked, in the report that was kept last: with any, it is no proof.',
    labelNames,
    sources: last,
    toSamples: ({ unanswered }) => sample(unanswered),
  });
  const failures = new Counter({
    name: 'audit_failures_total',
    help: 'Audits of this node that ended without a report that is kept.',
    registers,
  });
  return { last, failures };
});
