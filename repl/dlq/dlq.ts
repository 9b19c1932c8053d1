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
    'replay <service> <id>... | <filters> | --all   --by <who> --reason <why>   a dry run: tries it, and changes nothing',
    'replay ... --yes              does it',
    'discard <service> ... --by <who> --reason <why>   a dry run as well; with --yes it does it',
    'acts <service>                who did what, when and why',
  ],
  options: {
    side: { value: 'side', description: 'consumer (default), or relay: events that Kafka refused' },
    consumer: { value: 'name', description: 'filter: service.consumer' },
    aggregate: { value: 'type/id', description: 'filter: of this aggregate' },
    key: { value: 'key', description: 'filter: partition key (relay)' },
    cause: { value: 'cause', description: 'filter: why they were set aside, for example refused' },
    type: { value: 'type', description: 'filter: event type' },
    from: { value: 'time', description: 'filter: parked at or after, for example 2026-11-23T07:30:00Z' },
    to: { value: 'time', description: 'filter: parked before' },
    all: { description: 'every letter of that side' },
    after: { value: 'id', description: 'where a page of list begins' },
    limit: { value: 'n', description: 'letters of a page; of an act, in all' },
    by: { value: 'who', description: 'who does it: recorded' },
    reason: { value: 'why', description: 'why they do it: recorded' },
    yes: { description: 'do it; without it a replay or discard is a dry run' },
    force: { description: 'replay also what may end the process' },
    json: { description: 'a JSON document in a line; of an act one for each of its calls' },
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
  async list({ broker, values, switches, print }, service) {
    if (values['reason'] !== undefined) {
      throw new Error('A list is filtered by --cause; --reason says why somebody acts.');
    }
    const page = await ask<LettersPage<Time>>(broker, service, 'list', paramsOf(values));
    if (switches.has('json')) {
      print(JSON.stringify(page));
      return;
    }
    print(`${service}: ${page.total} dead ${page.total === 1 ? 'letter' : 'letters'}${filterText(values)}.`);
    if (page.letters.length > 0) print(lettersText(page.letters));
    if (page.after !== null && page.letters.length < page.total) print(`The next page: --after ${page.after}`);
  },

  async show({ broker, values, switches, print }, service, [id]) {
    if (id === undefined) throw new Error('Which letter? dlq list shows their ids.');
    const letter = await ask<Record<string, unknown>>(broker, service, 'show', { ...paramsOf(values), id });
    print(switches.has('json') ? JSON.stringify(letter) : describe(letter));
  },

  replay: (call, service, ids) => actOn(call, service, 'replay', ids),
  discard: (call, service, ids) => actOn(call, service, 'discard', ids),

  async acts({ broker, values, switches, print }, service) {
    const acts = await ask<ListedAct<Time>[]>(broker, service, 'acts', paramsOf(values));
    if (switches.has('json')) print(JSON.stringify(acts));
    else print(acts.length === 0 ? `${service}: nobody has acted on dead letters yet.` : actsText(acts));
  },
};

async function count({ broker, switches, print }: ReplCall): Promise<void> {
  const counts: (LetterCount<Time> & { readonly service: string; readonly side: Side })[] = [];
  for (const service of servicesWith(broker)) {
    const sides = await ask<(LetterCount<Time> & { readonly side: Side })[]>(broker, service, 'count', {});
    counts.push(...sides.map((each) => ({ service, ...each })));
  }
  if (switches.has('json')) {
    print(JSON.stringify(counts));
    return;
  }
  const rows = counts
    .filter(({ count: letters }) => letters > 0)
    .map(({ service, side, consumer, count: letters, oldest }) => [
      service,
      side,
      consumer ?? '-',
      String(letters),
      oldest === null ? '-' : timeText(oldest),
    ]);
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
  if (values['by'] === undefined || values['reason'] === undefined) {
    throw new Error('Acts are recorded, dry runs too: --by <who> --reason <why>.');
  }
  const dryRun = !switches.has('yes');
  const params = {
    ...paramsOf(values),
    ...(ids.length > 0 && { ids }),
    ...(switches.has('all') && { all: true }),
    ...(kind === 'replay' && { force: switches.has('force') }),
    dryRun,
  };
  const isJson = switches.has('json');
  let after: string | undefined;
  for (let calls = 0; calls < MAX_CALLS; calls++) {
    const report = await ask<ActReport>(broker, service, kind, {
      ...params,
      ...(after !== undefined && { after }),
    });
    print(isJson ? JSON.stringify(report) : reportText(report));
    // A limit that was asked for is one; and what was only tried would be tried again.
    if (!report.more || dryRun || values['limit'] !== undefined || Object.keys(report.counts).length === 0) {
      if (dryRun && !isJson) print('Nothing was changed. To do it, add --yes.');
      if (report.more && !isJson) print(`There are more: this ended with letter ${report.after}.`);
      return;
    }
    after = report.after;
  }
}

/** The actions call the letters' cause their reason, and the reason of an act its why. */
function paramsOf({ cause, reason, ...others }: ReplCall['values']): object {
  return { ...others, ...(cause !== undefined && { reason: cause }), ...(reason !== undefined && { why: reason }) };
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
