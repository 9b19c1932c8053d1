import type { BrowsedOrders } from '../contract/browse.ts';
import type { LetterCount } from '../contract/dead-letters.ts';
import type { AuditAnswer, AuditSummary, Overview, Problem } from './answers.ts';
import { sentenceOf, type Ask } from './ask.ts';
import type { Flow } from './flow.ts';

/** What the rules look at. */
export interface Signs {
  /** Services of which no node is here. */
  readonly away: readonly string[];
  readonly gone: readonly string[];
  /** Seconds, by service. */
  readonly unpublishedAgeS: ReadonlyMap<string, number>;
  /** Seconds, by consumer. */
  readonly lagAgeS: ReadonlyMap<string, number>;
  readonly deadLetters: ReadonlyMap<string, number>;
  readonly stuck: number | null;
  readonly audit: AuditSummary | null;
  /** Questions that nobody answered: what, and why. */
  readonly unanswered: readonly string[];
}

/** An order settles in a fraction of a second; a minute is no busy moment any more. */
export const STUCK_AFTER_S = 60;
/** The same thresholds are drawn in the charts. */
export const WAIT_WARNING_S = 10;
const WAIT_ALARM_S = 60;
const SERVICES = ['orders', 'payments', 'audit'];
/** The audit's answer is a connection of its own to the database. */
const AUDIT_FRESH_MS = 10_000;
const FRESH_MS = 2500;
/** Of figures; older ones say nothing about now. */
const FIGURE_MAX_AGE_S = 10;

/** @returns what is wrong, the worst first */
export function problemsOf(signs: Signs): Problem[] {
  const problems: Problem[] = [];
  const add = (severity: Problem['severity'], what: string, next: string, view: string, repl: string): void => {
    problems.push({ severity, what, next, view, repl });
  };
  for (const service of signs.away) {
    const next = {
      orders: 'New orders are refused with 503; nothing is lost. Start a node of orders.',
      payments: 'Orders are accepted and wait as NEW; they settle when a node of payments is back.',
    }[service];
    add(
      service === 'audit' ? 'warning' : 'alarm',
      `No node of ${service} is here.`,
      next ?? `Start a node of ${service}.`,
      '/console/cluster',
      'nodes',
    );
  }
  if ((signs.audit?.violations ?? 0) > 0) {
    const next = 'The books contradict an invariant: see which, and whom it concerns.';
    add('alarm', `The audit found ${signs.audit?.violations ?? 0} violations.`, next, '/console/audit', 'audit last');
  }
  for (const [service, age] of signs.unpublishedAgeS) {
    if (age < WAIT_WARNING_S) continue;
    const next = 'Its relay cannot reach Kafka, or nobody holds a lane. Events wait, in order; none is lost.';
    add(
      severityOf(age),
      `The oldest event in the outbox of ${service} has waited for ${seconds(age)}.`,
      next,
      '/console/pipeline',
      'outbox',
    );
  }
  for (const [consumer, age] of signs.lagAgeS) {
    if (age < WAIT_WARNING_S) continue;
    const next = 'It is behind, or stands still: see its partitions, and the log of the node that holds them.';
    add(
      severityOf(age),
      `${consumer} is behind: its oldest record is ${seconds(age)} old.`,
      next,
      '/console/pipeline',
      'lag',
    );
  }
  for (const [service, count] of signs.deadLetters) {
    if (count === 0) continue;
    const what = count === 1 ? `1 dead letter at ${service}.` : `${count} dead letters at ${service}.`;
    const next = 'Each waits for a person: replay it when its cause is gone, or discard it.';
    add('warning', what, next, `/console/dead-letters?service=${service}`, `dlq list ${service}`);
  }
  if ((signs.stuck ?? 0) > 0) {
    const what = `${cappedText(signs.stuck ?? 0)} ${signs.stuck === 1 ? 'order is' : 'orders are'} NEW for longer than ${STUCK_AFTER_S} s.`;
    add(
      'warning',
      what,
      'Something between orders and payments waits; the story of one of them shows where.',
      '/console/orders?preset=stuck',
      'reconcile --dry-run',
    );
  }
  for (const id of signs.gone) {
    const next = 'It stopped, or lost Kafka. What it held goes to the others within seconds.';
    add('warning', `The node ${id} is gone.`, next, '/console/cluster', 'nodes');
  }
  if ((signs.audit?.unanswered ?? 0) > 0) {
    add(
      'warning',
      'The last audit could not ask everything.',
      'It is no proof until it can.',
      '/console/audit',
      'audit',
    );
  }
  for (const what of signs.unanswered) {
    add('warning', what, 'What depends on it is not shown.', '/console/cluster', 'nodes');
  }
  return problems.sort((a, b) => rank(a) - rank(b));
}

function rank({ severity }: Problem): number {
  return severity === 'alarm' ? 0 : 1;
}

function severityOf(ageS: number): Problem['severity'] {
  return ageS >= WAIT_ALARM_S ? 'alarm' : 'warning';
}

function seconds(age: number): string {
  return age < 120 ? `${Math.round(age)} s` : `${Math.round(age / 60)} min`;
}

function cappedText(count: number): string {
  return count > 10_000 ? '10 000+' : String(count);
}

/** Asks what the overview says, at most every few seconds, however many look. */
export class OverviewReader {
  readonly #ask: Ask;
  #latest: { readonly at: number; readonly overview: Overview } | null = null;
  #audit: { readonly at: number; readonly summary: AuditSummary | null } | null = null;
  #underWay: Promise<Overview> | null = null;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async read(flow: Flow, now = Date.now()): Promise<Overview> {
    if (this.#latest !== null && now - this.#latest.at < FRESH_MS) return this.#latest.overview;
    this.#underWay ??= this.#readOnce(flow, now).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #readOnce(flow: Flow, now: number): Promise<Overview> {
    const unanswered: string[] = [];
    const orElse = async <T>(what: string, asked: Promise<T>): Promise<T | null> =>
      asked.catch((error: unknown) => {
        unanswered.push(`${what} could not be asked: ${sentenceOf(error)}`);
        return null;
      });
    const [letters, stuck, audit] = await Promise.all([
      this.#deadLetters(orElse),
      this.#ask.has('orders.browse') ? orElse('Orders that wait', this.#stuck(now)) : null,
      this.#ask.has('audit.last') ? orElse('The audit', this.#lastAudit(now)) : null,
    ]);
    const nodes = this.#ask.nodes();
    const gone = nodes.filter(({ isHere, id }) => !isHere && !id.startsWith('repl')).map(({ id }) => id);
    const signs: Signs = {
      away: SERVICES.filter((name) => !nodes.some(({ isHere, services }) => isHere && services.includes(name))),
      gone,
      ...agesOf(
        flow,
        nodes.filter(({ isHere }) => isHere).map(({ id }) => id),
        Math.floor(now / 1000),
      ),
      deadLetters: letters ?? new Map<string, number>(),
      stuck,
      audit,
      unanswered,
    };
    const overview: Overview = {
      at: new Date(now).toISOString(),
      problems: problemsOf(signs),
      nodes: { here: nodes.filter(({ isHere }) => isHere).length, gone: gone.length },
      deadLetters: letters === null ? null : [...letters.values()].reduce((sum, count) => sum + count, 0),
      stuck,
      audit,
    };
    this.#latest = { at: now, overview };
    return overview;
  }

  async #deadLetters(
    orElse: <T>(what: string, asked: Promise<T>) => Promise<T | null>,
  ): Promise<ReadonlyMap<string, number> | null> {
    const counted = await Promise.all(
      this.#ask.servicesWith('deadLetters.count').map(async (service) => {
        const counts = await orElse(
          `Dead letters of ${service}`,
          this.#ask.call<LetterCount[]>(`${service}.deadLetters.count`, {}),
        );
        return counts === null ? null : ([service, counts.reduce((sum, { count }) => sum + count, 0)] as const);
      }),
    );
    const known = counted.filter((each) => each !== null);
    return known.length === 0 ? null : new Map(known);
  }

  async #stuck(now: number): Promise<number | null> {
    const to = new Date(now - STUCK_AFTER_S * 1000).toISOString();
    return (await this.#ask.call<BrowsedOrders>('orders.browse', { status: 'NEW', to, count: true })).count;
  }

  async #lastAudit(now: number): Promise<AuditSummary | null> {
    if (this.#audit !== null && now - this.#audit.at < AUDIT_FRESH_MS) return this.#audit.summary;
    const { report, running } = await this.#ask.call<AuditAnswer>('audit.last', {});
    const summary: AuditSummary | null =
      report === null
        ? null
        : {
            startedAt: report.startedAt,
            violations: report.violationCount,
            unanswered: report.unanswered.length,
            isRunning: running !== null,
          };
    this.#audit = { at: now, summary };
    return summary;
  }
}

/** How old what waits is, by the figures of the nodes that are here. */
function agesOf(flow: Flow, nodeIds: readonly string[], nowS: number): Pick<Signs, 'unpublishedAgeS' | 'lagAgeS'> {
  const unpublishedAgeS = new Map<string, number>();
  const lagAgeS = new Map<string, number>();
  for (const id of nodeIds) {
    for (const [name, value] of flow.newest(id, nowS, FIGURE_MAX_AGE_S) ?? []) {
      const [kind = '', about = ''] = name.split(':', 2);
      const ages = { age: unpublishedAgeS, 'lag-age': lagAgeS }[kind];
      ages?.set(about, Math.max(ages.get(about) ?? 0, value));
    }
  }
  return { unpublishedAgeS, lagAgeS };
}
