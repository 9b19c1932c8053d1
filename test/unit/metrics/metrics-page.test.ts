import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceBroker } from 'moleculer';
import { parse } from 'yaml';
import { auditMetricsOf } from '../../../metrics/audit-metrics.ts';
import { callMetricsMiddleware } from '../../../metrics/call-metrics.ts';
import { consumerMetricsOf } from '../../../metrics/consumer-metrics.ts';
import { databaseMetricsOf } from '../../../metrics/database-metrics.ts';
import { deadLetterMetricsOf } from '../../../metrics/dead-letter-metrics.ts';
import { httpMetricsOf } from '../../../metrics/http-metrics.ts';
import { ledgerConflictsOf } from '../../../metrics/ledger-metrics.ts';
import { orderMetricsOf } from '../../../metrics/order-metrics.ts';
import { outboxMetricsOf } from '../../../metrics/outbox-metrics.ts';
import { registryOf } from '../../../metrics/registry.ts';
import { openStreamsOf } from '../../../metrics/stream-metrics.ts';
import { writeMetricsOf } from '../../../metrics/write-metrics.ts';
import { projectRoot } from '../../../start/project-root.ts';

const PAGE = readFileSync(join(projectRoot(), 'docs', 'metrics.md'), 'utf8');
const DEPLOY = join(projectRoot(), 'deploy');

const SETS = [
  ...[auditMetricsOf, consumerMetricsOf, databaseMetricsOf, deadLetterMetricsOf, httpMetricsOf, ledgerConflictsOf],
  ...[orderMetricsOf, outboxMetricsOf, openStreamsOf, writeMetricsOf],
] as const;

/** As prom-client has them, and its types do not say. */
interface Defined {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

function defined(): Defined[] {
  const broker = new ServiceBroker({ logger: false });
  for (const set of SETS) set(broker);
  void callMetricsMiddleware.localAction?.call(broker, () => Promise.resolve(), { name: 'some.action' });
  const { _metrics } = registryOf(broker) as unknown as {
    _metrics: Record<string, Defined & { labelNames?: string[] }>;
  };
  return Object.values(_metrics);
}

/** What the tables of the page say. */
function documented(): string[] {
  return PAGE.split('\n').filter((line) => /^\| `\w+` \| (counter|gauge|histogram|summary) \|/.test(line));
}

const isOfProcess = ({ name }: Defined): boolean => /^(process|nodejs)_/.test(name);
const rowOf = ({ name, type, labelNames = [], help }: Defined): string =>
  `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(', ')} | ${help} |`;

test('docs/metrics.md has each metric as it is defined, and no other', () => {
  const rows = defined()
    .filter((metric) => !isOfProcess(metric))
    .map(rowOf);
  expect(rows.length).toBeGreaterThan(30);
  expect(documented().sort()).toEqual(rows.sort());
});

test('every file that defines metrics is looked at here', () => {
  const files = readdirSync(join(projectRoot(), 'metrics')).filter((name) => name.endsWith('-metrics.ts'));
  expect(files).toHaveLength(SETS.length + 1);
});

test('rules and dashboard ask for metrics that there are', () => {
  const names = new Set(
    defined().flatMap(({ name, type }) =>
      type === 'histogram' || type === 'summary' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const asked = ['prometheus/alerts.yml', 'grafana/orders-payments.json'].flatMap(
    (file) =>
      readFileSync(join(DEPLOY, file), 'utf8').match(
        /\b(outbox|consumer|dead_letters|orders?|ledger|transaction|group_commit|database|broker|audit|http|live|nodejs|process)_\w+(?=[{[)\s])/g,
      ) ?? [],
  );
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.filter((name) => !names.has(name))).toEqual([]);
});

test('every alert has a summary and a runbook that is about it', () => {
  const { groups } = parse(readFileSync(join(DEPLOY, 'prometheus', 'alerts.yml'), 'utf8')) as {
    groups: { rules: { alert: string; annotations: { summary: string; runbook: string } }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  for (const { alert, annotations } of rules) {
    expect(annotations.summary).not.toBe('');
    const page = readFileSync(join(projectRoot(), annotations.runbook), 'utf8');
    expect(page).toMatch(new RegExp(`^# ${alert}: `));
    for (const heading of ['What it means', 'What to look at', 'What to do']) expect(page).toContain(`## ${heading}`);
    expect(PAGE).toContain(`[${alert}](${annotations.runbook.replace('docs/', '')})`);
  }
  expect(readdirSync(join(projectRoot(), 'docs', 'runbooks'))).toHaveLength(rules.length);
});
