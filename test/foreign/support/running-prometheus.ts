import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { asRunning, startChild } from '../../../start/child.ts';
import { freePort } from '../../../start/free-port.ts';
import { projectRoot } from '../../../start/project-root.ts';
import { untilReady } from '../../../start/until-ready.ts';
import { guardChild } from '../../support/guard.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Prometheus on the project's own configuration and rules, quickened. */
export interface Prometheus {
  /** @returns the samples of an instant query, by their labels */
  query(expr: string): Promise<Sample[]>;
  /** Names of the alerts that fire, each once, sorted. */
  firing(): Promise<string[]>;
  stop(): Promise<void>;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export const FOLDER = join(projectRoot(), 'deploy', 'prometheus');
const STOP_TIMEOUT_MS = 10_000;
const START_TIMEOUT_MS = 30_000;

/** Of the rules that are about time: what is meant to be minutes may be seconds here. */
const QUICK_THRESHOLDS: Readonly<Record<string, readonly [from: string, to: string]>> = {
  OrdersNewTooLong: ['> 300', '> 5'],
  OutboxBacklogAge: ['> 30', '> 3'],
  ConsumerLagAge: ['> 30', '> 3'],
};
/** Of scrapes that come each second. */
export const QUICK_RANGE = '15s';

interface Rules {
  readonly groups: { readonly rules: { readonly alert: string; expr: string; for?: string }[] }[];
}

/** The rules as they are shipped: `for` is a second, a range 15 s, and the thresholds above are lower; nothing else is changed. */
export function quickRules(): string {
  const rules = parse(readFileSync(join(FOLDER, 'alerts.yml'), 'utf8')) as Rules;
  for (const rule of rules.groups.flatMap((group) => group.rules)) {
    if (rule.for !== undefined) rule.for = '1s';
    rule.expr = rule.expr.replaceAll(/\[\d+[mh]\]/g, `[${QUICK_RANGE}]`);
    const threshold = QUICK_THRESHOLDS[rule.alert];
    if (threshold === undefined) continue;
    if (!rule.expr.includes(threshold[0])) throw new Error(`${rule.alert} has another threshold now: ${rule.expr}`);
    rule.expr = rule.expr.replace(...threshold);
  }
  return stringify(rules);
}

/** The configuration as it is shipped, with the ports of these nodes, and scrapes each second. */
function quickConfiguration(ports: Readonly<Record<string, number>>): string {
  const configuration = parse(readFileSync(join(FOLDER, 'prometheus.yml'), 'utf8')) as {
    global: object;
    scrape_configs: { static_configs: { targets: string[]; labels: { node: string } }[] }[];
  };
  configuration.global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  for (const target of configuration.scrape_configs.flatMap((each) => each.static_configs)) {
    target.targets = [`127.0.0.1:${ports[target.labels.node] ?? 0}`];
  }
  return stringify(configuration);
}

export async function startPrometheus(program: string, ports: Readonly<Record<string, number>>): Promise<Prometheus> {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, 'alerts.yml'), quickRules());
  writeFileSync(join(folder.path, 'prometheus.yml'), quickConfiguration(ports));
  const address = `127.0.0.1:${await freePort()}`;
  const child = await startChild({
    command: program,
    args: [
      `--config.file=${join(folder.path, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    cwd: folder.path,
    env: process.env,
    logFile: join(folder.path, 'prometheus.log'),
  });
  guardChild(child);
  const running = asRunning(child, 'SIGTERM', STOP_TIMEOUT_MS);
  const stop = async (): Promise<void> => {
    await running.stop();
    folder.remove();
  };
  try {
    await untilReady('Prometheus', child, () => isReady(address), START_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  const query = async (expr: string): Promise<Sample[]> => {
    const response = await fetch(`http://${address}/api/v1/query?${new URLSearchParams({ query: expr }).toString()}`);
    const answer = (await response.json()) as {
      error?: string;
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (answer.data === undefined) throw new Error(`${expr}: ${answer.error ?? response.status}`);
    return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  };
  return {
    query,
    firing: async () => {
      const alerts = await query('ALERTS{alertstate="firing"}');
      return [...new Set(alerts.map(({ metric }) => metric['alertname'] ?? ''))].sort();
    },
    stop,
  };
}

async function isReady(address: string): Promise<boolean> {
  const response = await fetch(`http://${address}/-/ready`).catch(() => null);
  return response?.status === 200;
}
