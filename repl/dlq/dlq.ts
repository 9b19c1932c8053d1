import type { ServiceBroker } from 'moleculer';
import type { ActKind, ActReport, LetterCount, LettersPage, ListedAct, Side } from '../../contract/dead-letters.ts';
import type { ReplCall, ReplCommand } from '../command.ts';
import { actsText, columns, lettersText, reportText, timeText, type Time } from './show-letters.ts';

/** An act takes at most half of it; the rest is for the way and a busy node. */
const CALL_TIMEOUT_MS = 30_000;
/** A replay of more letters than one call may deal with is several calls; this many are a million letters. */
const MAX_CALLS = 2000;

/** `dlq`: looks at dead letters, and acts on them. */
export const dlq: ReplCommand = {
  name: 'dlq',
  description: 'Dead letters: look at them, replay them, discard them.',
  usage: [
    '                              how many there are',
    'list <service> [filters]      which',
    'show <service> <id>           one of them, with its content',
    'replay <service> <id>... | <filters> | --all   --by <who> --why <why>   tries it, and changes nothing',
    'replay ... --go               does it',
    'discard <service> ... --by <who> --why <why>   says what it would do; with --go it does it',
    'acts <service>                who did what, when and why',
  ],
  options: {
    side: { value: 'side', description: 'consumer (default), or relay: events that Kafka refused' },
    consumer: { value: 'name', description: 'filter: service.consumer' },
    aggregate: { value: 'type/id', description: 'filter: of this aggregate' },
    key: { value: 'key', description: 'filter: partition key (relay)' },
    reason: { value: 'reason', description: 'filter: for example refused' },
    type: { value: 'type', description: 'filter: event type' },
    from: { value: 'time', description: 'filter: parked at or after, for example 2026-11-23T07:30:00Z' },
    to: { value: 'time', description: 'filter: parked before' },
    all: { description: 'every letter of that side' },
    after: { value: 'id', description: 'where a page of list begins' },
    limit: { value: 'n', description: 'letters of a page; of an act, in all' },
    by: { value: 'who', description: 'who does it: recorded' },
    why: { value: 'why', description: 'why: recorded' },
    go: { description: 'do it; without it a replay or discard is a dry run' },
    force: { description: 'replay also what may end the process' },
  },
  async run(call) {
    const [verb, service, ...rest] = call.words;
    if (verb === undefined) return count(call);
    const act = VERBS[verb];
    if (act === undefined) throw new Error(`dlq has no ${verb}: list, show, replay, discard and acts. See dlq help.`);
    if (service === undefined) throw new Error(`Which service? ${servicesWith(call.broker).join(', ')}.`);
    return act(call, service, rest);
  },
};

type Verb = (call: ReplCall, service: string, words: readonly string[]) => Promise<void>;

const VERBS: Readonly<Partial<Record<string, Verb>>> = {
  async list({ broker, values, print }, service) {
    const page = await ask<LettersPage<Time>>(broker, service, 'list', values);
    print(`${service}: ${page.total} dead ${page.total === 1 ? 'letter' : 'letters'}${filterText(values)}.`);
    if (page.letters.length > 0) print(lettersText(page.letters));
    if (page.after !== null && page.letters.length < page.total) print(`The next page: --after ${page.after}`);
  },

  async show({ broker, values, print }, service, [id]) {
    if (id === undefined) throw new Error('Which letter? dlq list shows their ids.');
    print(describe(await ask<Record<string, unknown>>(broker, service, 'show', { ...values, id })));
  },

  replay: (call, service, ids) => actOn(call, service, 'replay', ids),
  discard: (call, service, ids) => actOn(call, service, 'discard', ids),

  async acts({ broker, values, print }, service) {
    const acts = await ask<ListedAct<Time>[]>(broker, service, 'acts', values);
    print(acts.length === 0 ? `${service}: nobody has acted on dead letters yet.` : actsText(acts));
  },
};

async function count({ broker, print }: ReplCall): Promise<void> {
  const rows: string[][] = [];
  for (const service of servicesWith(broker)) {
    const sides = await ask<(LetterCount<Time> & { readonly side: Side })[]>(broker, service, 'count', {});
    for (const { side, consumer, count: letters, oldest } of sides) {
      const since = oldest === null ? '-' : timeText(oldest);
      if (letters > 0) rows.push([service, side, consumer ?? '-', String(letters), since]);
    }
  }
  print(
    rows.length === 0
      ? 'There are no dead letters.'
      : columns(['service', 'side', 'consumer', 'letters', 'oldest (UTC)'], rows),
  );
}

async function actOn(
  { broker, values, switches, print }: ReplCall,
  service: string,
  kind: ActKind,
  ids: readonly string[],
): Promise<void> {
  const dryRun = !switches.has('go');
  const params = {
    ...values,
    ...(ids.length > 0 && { ids }),
    ...(switches.has('all') && { all: true }),
    ...(kind === 'replay' && { force: switches.has('force') }),
    dryRun,
  };
  let after: string | undefined;
  for (let calls = 0; calls < MAX_CALLS; calls++) {
    const report = await ask<ActReport>(broker, service, kind, {
      ...params,
      ...(after !== undefined && { after }),
    });
    print(reportText(report));
    // A limit that was asked for is one; and what was only tried would be tried again.
    if (!report.more || dryRun || values['limit'] !== undefined || Object.keys(report.counts).length === 0) {
      if (dryRun) print('Nothing was changed. To do it, add --go.');
      if (report.more) print(`There are more: this ended with letter ${report.after}.`);
      return;
    }
    after = report.after;
  }
}

function ask<T>(broker: ServiceBroker, service: string, action: string, params: object): Promise<T> {
  if (!servicesWith(broker).includes(service)) {
    throw new Error(
      `No node of a service "${service}" is here that has dead letters: ${servicesWith(broker).join(', ') || 'none has'}.`,
    );
  }
  return broker.call<T, object>(`${service}.deadLetters.${action}`, params, { timeout: CALL_TIMEOUT_MS });
}

/** Services of which a node is here, and that have dead letters. */
function servicesWith(broker: ServiceBroker): string[] {
  const actions = broker.registry.getActionList({ onlyAvailable: true }) as { name: string }[];
  return actions
    .flatMap(({ name }) => (name.endsWith('.deadLetters.list') ? name.slice(0, -'.deadLetters.list'.length) : []))
    .sort();
}

function filterText(values: ReplCall['values']): string {
  const filters = Object.entries(values).filter(([name]) => !['after', 'limit'].includes(name));
  return filters.length === 0 ? '' : ` (${filters.map(([name, value]) => `${name} ${value ?? ''}`).join(', ')})`;
}

/** One field a line; what has parts, indented below. */
function describe(letter: Readonly<Record<string, unknown>>): string {
  const { key, value, headers, ...fields } = letter;
  const line = (name: string, content: unknown): string => `  ${name.padEnd(12)} ${textOf(content)}`;
  return [
    ...Object.entries(fields).map(([name, content]) => line(name, content)),
    line('key', contentOf(key)),
    '  headers',
    ...Object.entries(headers ?? {}).map(([name, content]) => `    ${name}: ${textOf(content)}`),
    `  value (${formOf(value)})`,
    ...contentOf(value)
      .split('\n')
      .map((each) => `    ${each}`),
  ].join('\n');
}

function textOf(content: unknown): string {
  if (content === null || content === undefined) return '-';
  return typeof content === 'string' ? content : JSON.stringify(content);
}

function contentOf(readable: unknown): string {
  return textOf((readable as { content?: unknown } | undefined)?.content);
}

function formOf(readable: unknown): string {
  const { form, bytes } = (readable ?? {}) as { form?: string; bytes?: number };
  return `${form ?? 'none'}, ${bytes ?? 0} bytes`;
}
