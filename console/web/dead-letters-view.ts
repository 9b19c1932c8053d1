import { useState } from 'preact/hooks';
import type { ActKind, LetterGroup, LettersPage, ListedLetter, Readable } from '../../contract/dead-letters.ts';
import type { DeadLetterGroups, LetterActs } from '../answers.ts';
import { ActDialog, type Selected } from './act-dialog.ts';
import { useData, type Loaded } from './api.ts';
import { count, Time } from './format.ts';
import { html, type View } from './html.ts';
import { Away, Copy, Empty, Failure, Head, Panel, Repl, Shown } from './parts.ts';
import { goTo, place, queryText } from './router.ts';
import { opens, useRows } from './rows.ts';
import { useSession } from './session.ts';

const FILTERS = ['side', 'consumer', 'reason', 'type', 'aggregate'] as const;

export function DeadLettersView(): View {
  const { query } = place.value;
  const loaded = useData<DeadLetterGroups>('/console/api/dead-letters', 5000);
  const service = query['service'];
  return html`
    <${Head} title="Dead letters"
      >Events that can never be handled as they are, set aside so that everything else goes on. Each waits for a
      person.<//
    >
    <${Shown} loaded=${loaded} what="The dead letters"
      >${(groups: DeadLetterGroups) => html`
        <${Away} services=${groups.away} what="Its dead letters are not shown." />
        ${groups.services.flatMap((each) => (each.failure ? [html`<${Failure} what=${`The dead letters of ${each.service} cannot be shown.`} error=${each.failure} />`] : []))}
        <${GroupTable} groups=${groups} />
      `}<//
    >
    ${service ? html`<${Letters} key=${queryText(query)} service=${service} query=${query} onDone=${loaded.reload} />` : html`<${Repl} line="dlq" />`}
  `;
}

function GroupTable({ groups: { services } }: { groups: DeadLetterGroups }): View {
  const rows = services.flatMap(({ service, groups = [] }) => groups.map((group) => ({ service, ...group })));
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  const { here, setHere } = useRows(
    place.value.query['service'] ? 0 : rows.length,
    opens((index) => groupPath(rows[index])),
  );
  return html`<section class="panel" aria-label="Groups">
    ${
      rows.length === 0
        ? html`<${Empty} title="There are none."
            >Nothing was set aside: every event that arrived was handled. What was done before stands in the acts of
            <a href="/console/dead-letters?service=orders">orders</a> and
            <a href="/console/dead-letters?service=payments">payments</a>.<//
          >`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Groups of dead letters">
            <table>
              <caption>
                ${count(total)} ${total === 1 ? 'dead letter' : 'dead letters'} in ${rows.length}
                ${rows.length === 1 ? 'group' : 'groups'}: what happened once, to many
              </caption>
              <thead>
                <tr>
                  <th scope="col" class="number">Letters</th>
                  <th scope="col">Reason</th>
                  <th scope="col">Where</th>
                  <th scope="col">Event</th>
                  <th scope="col">Newest error</th>
                  <th scope="col">Oldest</th>
                  <th scope="col">Newest</th>
                </tr>
              </thead>
              <tbody>
                ${rows.map(
                  (row, index) =>
                    html`<tr
                      key=${groupPath(row)}
                      data-row
                      class=${index === here || groupPath(row) === location.pathname + location.search ? 'here' : ''}
                      onClick=${() => {
                        setHere(index);
                      }}
                    >
                      <td class="number">${count(row.count)}</td>
                      <th scope="row"><a href=${groupPath(row)}>${row.reason}</a></th>
                      <td>${row.consumer ?? `${row.service} (relay)`}</td>
                      <td>${row.type ?? html`<span class="muted">–</span>`}</td>
                      <td class="text muted" title=${row.error}>${row.error}</td>
                      <td><${Time} at=${row.oldest} /></td>
                      <td><${Time} at=${row.newest} /></td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}

function groupPath(row: (LetterGroup & { service: string }) | undefined): string {
  if (row === undefined) return '/console/dead-letters';
  const { service, side, consumer, reason, type } = row;
  return `/console/dead-letters${queryText({ service, side, consumer, reason, type })}`;
}

function Letters({
  service,
  query,
  onDone,
}: {
  service: string;
  query: Readonly<Record<string, string>>;
  onDone: () => void;
}): View {
  const filters = Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name] ?? '']));
  const { side = 'consumer', ...selection } = filters;
  const [after, setAfter] = useState<string | null>(null);
  const loaded = useData<LettersPage>(`/console/api/dead-letters/${service}${queryText({ ...filters, after })}`, 5000);
  const acts = useData<LetterActs>(`/console/api/dead-letters/${service}/acts`, 10_000);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [act, setAct] = useState<{ kind: ActKind; selected: Selected } | null>(null);
  const session = useSession();
  const letters = loaded.data?.letters ?? [];
  const begin = (kind: ActKind, ids: readonly string[] | null): void => {
    setAct({
      kind,
      selected: { service, side, ids, filters: selection, count: ids?.length ?? loaded.data?.total ?? 0 },
    });
  };
  const actOn =
    (kind: ActKind) =>
    (index: number): void => {
      const letter = letters[index];
      if (letter !== undefined) begin(kind, [letter.id]);
    };
  const { here, setHere } = useRows(letters.length, {
    ...opens((index) => letterPath(service, side, letters[index])),
    r: actOn('replay'),
    x: actOn('discard'),
  });
  const toggle = (id: string): void => {
    const next = new Set(marked);
    if (!next.delete(id)) next.add(id);
    setMarked(next);
  };
  const ids = marked.size > 0 ? [...marked] : null;
  const target = ids === null ? `all ${count(loaded.data?.total ?? 0)}` : count(ids.length);
  return html`
    <section class="panel" aria-label="Letters">
      <header>
        <h2>
          ${service}${query['consumer'] ? `: ${query['consumer']}` : ''}${query['reason'] ? `, ${query['reason']}` : ''}
        </h2>
        <span class="spring"></span><a class="small" href="/console/dead-letters">all groups</a>
      </header>
      <${Shown} loaded=${loaded} what="The letters"
        >${(page: LettersPage) =>
          page.letters.length === 0
            ? html`<${Empty} title="None is left here."
                >They were replayed or discarded: the acts below say by whom, and why.<//
              >`
            : html`<div class="body filters">
                  <button
                    class="primary"
                    onClick=${() => {
                      begin('replay', ids);
                    }}
                  >
                    Replay ${target}…
                  </button>
                  <button
                    class="danger"
                    onClick=${() => {
                      begin('discard', ids);
                    }}
                  >
                    Discard ${target}…
                  </button>
                  <a
                    class="small"
                    style="align-self:center"
                    download=${`dead-letters-${service}.json`}
                    href=${`/console/api/dead-letters/${service}${queryText({ ...filters, limit: '500' })}`}
                    >Export as JSON</a
                  >
                </div>
                <div class="scroll" tabindex="0" role="region" aria-label="List of dead letters">
                  <table>
                    <caption>
                      ${count(page.total)} ${page.total === 1 ? 'letter' : 'letters'}, oldest first. Mark some, or act
                      on all.
                    </caption>
                    <thead>
                      <tr>
                        <th scope="col"><span class="visually-hidden">Marked</span></th>
                        <th scope="col">Letter</th>
                        <th scope="col">Reason</th>
                        <th scope="col">Aggregate</th>
                        <th scope="col" class="number">Behind</th>
                        <th scope="col" class="number">Tried</th>
                        <th scope="col">Error</th>
                        <th scope="col">Parked</th>
                      </tr>
                    </thead>
                    <tbody>
                      ${page.letters.map(
                        (letter, index) =>
                          html`<tr
                            key=${letter.id}
                            data-row
                            class=${index === here ? 'here' : ''}
                            onClick=${() => {
                              setHere(index);
                            }}
                          >
                            <td>
                              <input
                                type="checkbox"
                                aria-label=${`Mark letter ${letter.id}`}
                                checked=${marked.has(letter.id)}
                                onChange=${() => {
                                  toggle(letter.id);
                                }}
                              />
                            </td>
                            <th scope="row"><a href=${letterPath(service, side, letter)}>${letter.id}</a></th>
                            <td class="nowrap">${letter.reason}</td>
                            <td><${Aggregate} name=${letter.aggregate} /></td>
                            <td class="number">
                              ${letter.behind === 0 ? html`<span class="muted">–</span>` : count(letter.behind)}
                            </td>
                            <td class="number">
                              ${letter.attempts === 0 ? html`<span class="muted">–</span>` : count(letter.attempts)}
                            </td>
                            <td class="text muted" title=${letter.error}>${letter.error}</td>
                            <td><${Time} at=${letter.parkedAt} /></td>
                          </tr>`,
                      )}
                    </tbody>
                  </table>
                </div>
                ${
                  after !== null || (page.after !== null && page.letters.length < page.total)
                    ? html`<div class="more">
                        ${
                          after === null
                            ? null
                            : html`<button
                                onClick=${() => {
                                  setAfter(null);
                                }}
                              >
                                First page
                              </button>`
                        }
                        ${
                          page.after === null
                            ? null
                            : html`<button
                                onClick=${() => {
                                  setAfter(page.after);
                                }}
                              >
                                Next page
                              </button>`
                        }
                      </div>`
                    : null
                }`}<//
      >
    </section>
    <${Repl}
      line=${`dlq list ${service}${Object.entries(filters)
        .map(([name, value]) => ` --${name} ${value}`)
        .join('')}`}
    />
    <${Acts} loaded=${acts} service=${service} />
    ${
      act
        ? html`<${ActDialog}
            kind=${act.kind}
            selected=${act.selected}
            subject=${session.data?.subject ?? null}
            onClose=${() => {
              setAct(null);
            }}
            onDone=${() => {
              setMarked(new Set());
              loaded.reload();
              acts.reload();
              onDone();
            }}
          />`
        : null
    }
  `;
}

function Aggregate({ name }: { name: string | null }): View {
  if (name === null) return html`<span class="muted">–</span>`;
  const [type = '', ...id] = name.split('/');
  return type === 'order'
    ? html`<a class="mono nowrap" href=${`/console/orders/${id.join('/')}`}>${name}</a>`
    : html`<span class="mono">${name}</span>`;
}

function letterPath(service: string, side: string, letter: ListedLetter | undefined): string | undefined {
  return letter && `/console/dead-letters/${service}/${side}/${letter.id}`;
}

function Acts({ loaded, service }: { loaded: Loaded<LetterActs>; service: string }): View {
  return html`<${Panel} title="Who did what" label="Acts">
    <${Shown} loaded=${loaded} what="The acts"
      >${({ acts }: LetterActs) =>
        acts.length === 0
          ? html`<${Empty} title="Nobody has acted on dead letters of ${service} yet." />`
          : html`<div class="scroll" tabindex="0" role="region" aria-label="Acts on dead letters">
              <table>
                <caption class="visually-hidden">
                  Acts on dead letters of ${service}, newest first
                </caption>
                <thead>
                  <tr>
                    <th scope="col" class="number">Act</th>
                    <th scope="col">What</th>
                    <th scope="col">By</th>
                    <th scope="col">Why</th>
                    <th scope="col">Outcome</th>
                    <th scope="col">When</th>
                  </tr>
                </thead>
                <tbody>
                  ${acts.map(
                    (act) =>
                      html`<tr key=${act.id}>
                        <th scope="row" class="number">${act.id}</th>
                        <td class="nowrap">
                          ${act.dryRun ? 'dry run, ' : ''}${act.what}${act.side === 'relay' ? ', relay' : ''}
                        </td>
                        <td>${act.by}</td>
                        <td>${act.why}</td>
                        <td>
                          ${act.outcome ?? 'under way'}${
                            act.counts
                              ? html` <span class="muted"
                                  >${Object.entries(act.counts)
                                    .map(([outcome, number]) => `${outcome} ${number}`)
                                    .join(', ')}</span
                                >`
                              : null
                          }${act.error ? html` <span class="muted">${act.error}</span>` : null}
                        </td>
                        <td><${Time} at=${act.beganAt} /></td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`}<//
    >
  <//>`;
}

/** One letter, with everything in it. */
export function LetterView({
  service,
  side,
  id,
}: {
  readonly service: string;
  readonly side: string;
  readonly id: string;
}): View {
  const loaded = useData<Record<string, unknown>>(`/console/api/dead-letters/${service}/${side}/${id}`, 0);
  const [kind, setKind] = useState<ActKind | null>(null);
  const [isDone, setDone] = useState(false);
  const session = useSession();
  const back = `/console/dead-letters${queryText({ service, side })}`;
  return html`
    <${Head}
      title=${`Dead letter ${id} of ${service}`}
      aside=${html`<${Copy} text=${location.href} label="Copy link" />`}
      ><a href=${back}>All of ${service}</a><//
    >
    <${Shown} loaded=${loaded} what="The letter"
      >${(letter: Record<string, unknown>) => {
        const { key, value, headers, advice, error, ...facts } = letter;
        return html`
          <div class="notice warn">
            <strong>${String(facts['reason'])}</strong
            ><span style="overflow-wrap:anywhere">${String(error)}</span
            >${advice ? html`<p style="margin-top:6px">${textOf(advice)}</p>` : null}
          </div>
          <div class="filters">
            <button
              class="primary"
              onClick=${() => {
                setKind('replay');
              }}
            >
              Replay…
            </button>
            <button
              class="danger"
              onClick=${() => {
                setKind('discard');
              }}
            >
              Discard…
            </button>
          </div>
          <${Panel} title="What it is"
            ><div class="body">
              <dl class="facts">
                ${Object.entries(facts).map(
                  ([name, fact]) =>
                    html`<dt>${wordsOf(name)}</dt>
                      <dd>
                        ${name === 'aggregate' ? html`<${Aggregate} name=${fact as string | null} />` : name.endsWith('At') || name.endsWith('Time') ? html`<${Time} at=${fact as string} />` : textOf(fact)}
                      </dd>`,
                )}
                <dt>key</dt>
                <dd class="mono">${(key as Readable | undefined)?.content ?? '–'}</dd>
              </dl>
            </div><//
          >
          <${Panel} title="Headers"
            ><div class="body">
              <dl class="facts">
                ${Object.entries((headers ?? {}) as Record<string, unknown>).map(
                  ([name, header]) =>
                    html`<dt class="mono">${name}</dt>
                      <dd class="mono">${textOf(header)}</dd>`,
                )}
              </dl>
            </div><//
          >
          <${Panel}
            title=${`Value (${(value as Readable | undefined)?.form ?? 'none'}, ${(value as Readable | undefined)?.bytes ?? 0} bytes)`}
            ><div class="body"><pre tabindex="0">${(value as Readable | undefined)?.content ?? ''}</pre></div><//
          >
          <${Repl} line=${`dlq show ${service} ${id}${side === 'relay' ? ' --side relay' : ''}`} />
        `;
      }}<//
    >
    ${
      kind
        ? html`<${ActDialog}
            kind=${kind}
            selected=${{ service, side, ids: [id], filters: {}, count: 1 }}
            subject=${session.data?.subject ?? null}
            onClose=${() => {
              setKind(null);
              // It may be gone: its place among the others tells.
              if (isDone) goTo(back);
            }}
            onDone=${() => {
              setDone(true);
            }}
          />`
        : null
    }
  `;
}

function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
