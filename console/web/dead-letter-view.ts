import { useState } from 'preact/hooks';
import type { ActKind, Readable } from '../../contract/dead-letters.ts';
import { ActDialog } from './act-dialog.ts';
import { Aggregate } from './aggregate.ts';
import { useData } from './api.ts';
import { Time } from './format.ts';
import { html, type View } from './html.ts';
import { Copy, Head, Panel, Repl, Shown } from './parts.ts';
import { goTo, queryText } from './router.ts';
import { useSession } from './session.ts';

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
