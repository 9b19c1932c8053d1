import { useState } from 'preact/hooks';
import type { ActKind, LettersPage, ListedLetter } from '../../contract/dead-letters.ts';
import type { LetterActs } from '../answers.ts';
import { ActDialog, type Selected } from './act-dialog.ts';
import { useData } from './api.ts';
import { Acts } from './dead-letter-acts.ts';
import { LettersTable } from './dead-letters-table.ts';
import { filterWords } from './dlq-line.ts';
import { count } from './format.ts';
import { html, type View } from './html.ts';
import { Empty, Repl, Shown } from './parts.ts';
import { queryText } from './router.ts';
import { opens, useRows } from './rows.ts';
import { useSession } from './session.ts';

const FILTERS = ['side', 'consumer', 'reason', 'type', 'aggregate'] as const;

/** The letters of a service that fit the address' filters, what can be done to them, and what was. */
export function Letters({
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
  const pathOf = ({ id }: ListedLetter): string => `/console/dead-letters/${service}/${side}/${id}`;
  const { here, setHere } = useRows(letters.length, {
    ...opens((index) => letters[index] && pathOf(letters[index])),
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
                <${LettersTable}
                  page=${page}
                  pathOf=${pathOf}
                  here=${here}
                  onHere=${setHere}
                  marked=${marked}
                  onToggle=${toggle}
                />
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
    <${Repl} line=${['dlq list', service, ...filterWords(filters)].join(' ')} />
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
