import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Found, Session } from '../answers.ts';
import { AccountsView, AccountView } from './accounts-view.ts';
import { get, post } from './api.ts';
import { AuditView } from './audit-view.ts';
import { ClusterView } from './cluster-view.ts';
import { LetterView } from './dead-letter-view.ts';
import { DeadLettersView } from './dead-letters-view.ts';
import { cappedCount } from './format.ts';
import { html, type View } from './html.ts';
import { connection, overview, startLive, type Connection } from './live.ts';
import { OrderView } from './order-view.ts';
import { OrdersView } from './orders-view.ts';
import { OverviewView } from './overview-view.ts';
import { Dialog, Empty, Head } from './parts.ts';
import { PipelineView } from './pipeline-view.ts';
import { followLinks, goTo, place } from './router.ts';
import { isTyping } from './rows.ts';
import { useSession } from './session.ts';
import { isPaused, showsUtc, theme, toggleTheme, toggleUtc } from './state.ts';

/** The views, with the letter that leads to each behind `g`. */
const VIEWS = [
  ['', 'Overview', 'h'],
  ['orders', 'Orders', 'o'],
  ['accounts', 'Accounts', 'a'],
  ['pipeline', 'Pipeline', 'p'],
  ['dead-letters', 'Dead letters', 'd'],
  ['audit', 'Audit', 'u'],
  ['cluster', 'Cluster', 'c'],
] as const;

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'search any id: order, account, dead letter'],
  ...VIEWS.map(([, title, letter]): readonly [string, string] => [`g ${letter}`, title]),
  ['j k', 'down and up in a list'],
  ['Enter', 'open the row'],
  ['r x', 'replay, discard the dead letter of the row'],
  ['space', 'pause the updates, and go on'],
  ['t', 'light or dark'],
  ['?', 'this list'],
];

const STATES: Readonly<Record<Connection, readonly [string, string]>> = {
  connecting: ['', 'connecting'],
  live: ['good', 'live'],
  paused: ['', 'paused'],
  broken: ['bad', 'no connection, trying again'],
};

function App(): View {
  const session = useSession();
  const [isHelpOpen, setHelpOpen] = useState(false);
  useKeys(() => {
    setHelpOpen(true);
  });
  const { parts } = place.value;
  const current = parts[0] ?? '';
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const title = VIEWS.find(([path]) => path === current)?.[1] ?? 'Console';
  useEffect(() => {
    document.title = `${title}${parts[1] === undefined ? '' : ` ${parts.at(-1) ?? ''}`} · Console`;
    // Readers of screens hear that the view has changed.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [parts.join('/')]);
  return html`
    <a class="skip" href="#main">Skip to the view</a>
    <div class="frame">
      <${Side} current=${current} session=${session.data} />
      <div>
        <${Top}
          onHelp=${() => {
            setHelpOpen(true);
          }}
          session=${session.data}
        />
        <main id="main" tabindex="-1" ref=${main}><${Shown} parts=${parts} /></main>
      </div>
    </div>
    ${
      isHelpOpen
        ? html`<${Dialog}
            title="Keys"
            onClose=${() => {
              setHelpOpen(false);
            }}
          >
            <dl class="facts">
              ${KEYS.map(
                ([key, what]) =>
                  html`<dt><kbd>${key}</kbd></dt>
                    <dd>${what}</dd>`,
              )}
            </dl>
            <div class="actions">
              <button onClick=${(event: Event) => (event.target as Element).closest('dialog')?.close()}>Close</button>
            </div>
          <//>`
        : null
    }
  `;
}

function Shown({ parts: [view = '', id, side, letter] }: { parts: readonly string[] }): View {
  if (view === '') return html`<${OverviewView} />`;
  if (view === 'orders') {
    return id === undefined ? html`<${OrdersView} />` : html`<${OrderView} key=${id} orderId=${id} />`;
  }
  if (view === 'accounts') {
    return id === undefined ? html`<${AccountsView} />` : html`<${AccountView} key=${id} userId=${id} />`;
  }
  if (view === 'pipeline') return html`<${PipelineView} />`;
  if (view === 'dead-letters') {
    return id === undefined || side === undefined || letter === undefined
      ? html`<${DeadLettersView} />`
      : html`<${LetterView} key=${`${id}/${side}/${letter}`} service=${id} side=${side} id=${letter} />`;
  }
  if (view === 'audit') return html`<${AuditView} />`;
  if (view === 'cluster') return html`<${ClusterView} />`;
  return html`<${Head} title="No such view" /><${Empty} title="Nothing is here."
      ><a href="/console">The overview</a> leads everywhere.<//
    >`;
}

function Side({ current, session }: { current: string; session: Session | null }): View {
  const letters = overview.value?.deadLetters ?? 0;
  const stuck = overview.value?.stuck ?? 0;
  const counts: Readonly<Record<string, number>> = { 'dead-letters': letters, orders: stuck };
  const name =
    session === null ? '' : `${session.environment}${session.namespace === '' ? '' : ` · ${session.namespace}`}`;
  return html`<aside class="side" aria-label="Console">
    <a class="brand" href="/console"
      >Orders & payments
      ${name === '' ? null : html`<span class="badge ${session?.environment ?? ''}">${name}</span>`}</a
    >
    <nav aria-label="Views">
      <ul>
        ${VIEWS.map(
          ([path, title]) =>
            html`<li>
              <a
                href=${path === '' ? '/console' : `/console/${path}`}
                aria-current=${path === current ? 'page' : undefined}
                >${title}
                ${(counts[path] ?? 0) > 0 ? html`<span class="count">${cappedCount(counts[path] ?? 0)}<span class="visually-hidden"> ${path === 'orders' ? 'stuck' : 'waiting'}</span></span>` : null}</a
              >
            </li>`,
        )}
      </ul>
    </nav>
    <div class="foot muted">
      <span>Gateway ${session?.nodeId ?? ''}</span>
      <span><a href="/docs">API</a> · <a href="/problems">Problems</a></span>
    </div>
  </aside>`;
}

function Top({ onHelp, session }: { onHelp: () => void; session: Session | null }): View {
  const [tone, word] = STATES[connection.value];
  return html`<header class="top">
    <${Search} />
    <span class="spring"></span>
    <span class="live" role="status"><i class="dot ${tone}" aria-hidden="true"></i>${word}</span>
    <button class="quiet" aria-pressed=${isPaused.value ? 'true' : 'false'} onClick=${togglePause}>
      ${isPaused.value ? 'Go on' : 'Pause'}
    </button>
    <button
      class="quiet"
      aria-pressed=${showsUtc.value ? 'true' : 'false'}
      onClick=${toggleUtc}
      aria-label="Times in UTC"
    >
      UTC
    </button>
    <button
      class="quiet"
      onClick=${toggleTheme}
      aria-label=${theme.value === 'dark' ? 'Light colours' : 'Dark colours'}
    >
      ${theme.value === 'dark' ? 'Light' : 'Dark'}
    </button>
    <button class="quiet" onClick=${onHelp} aria-label="Keys">?</button>
    ${session?.expiresAt ? html`<button class="quiet" onClick=${logOut}>Log out</button>` : null}
  </header>`;
}

function togglePause(): void {
  isPaused.value = !isPaused.value;
}

function logOut(): void {
  void post('/console/logout', {}).finally(() => {
    location.assign('/console');
  });
}

/** Takes any id, and goes where it is shown. */
function Search(): View {
  const [said, setSaid] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem('id') as HTMLInputElement;
    const id = input.value.trim();
    if (id === '') return;
    setSaid('Looking…');
    get<Found>(`/console/api/find/${encodeURIComponent(id)}`).then(
      ({ path, detail }) => {
        setSaid(detail ?? '');
        if (path === null) return;
        input.value = '';
        input.blur();
        goTo(path);
      },
      (error: unknown) => {
        setSaid((error as Error).message);
      },
    );
  };
  return html`<form role="search" onSubmit=${submit}>
    <label class="visually-hidden" for="search">Search any id</label>
    <input
      id="search"
      name="id"
      type="search"
      placeholder="Any id: order, user, dead letter   /"
      autocomplete="off"
      spellcheck=${false}
      aria-describedby="search-said"
      onInput=${() => {
        setSaid('');
      }}
    />
    <span id="search-said" role="status" class="small muted">${said}</span>
  </form>`;
}

function useKeys(onHelp: () => void): void {
  // Kept over renders: one may come between the two keys.
  const isGoing = useRef(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event)) {
        if (event.key === 'Escape') (event.target as HTMLElement).blur();
        return;
      }
      if (document.querySelector('dialog[open]') !== null) return;
      const view = isGoing.current ? VIEWS.find(([, , letter]) => letter === event.key) : undefined;
      isGoing.current = event.key === 'g';
      if (view !== undefined) goTo(view[0] === '' ? '/console' : `/console/${view[0]}`);
      else if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('#search')?.focus();
      } else if (event.key === '?') onHelp();
      else if (event.key === 't') toggleTheme();
      else if (event.key === ' ' && (event.target as Element).closest('a, button, [tabindex="0"]') === null) {
        event.preventDefault();
        togglePause();
      }
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  });
}

const root = document.querySelector('#console');
if (root !== null) {
  root.replaceChildren();
  followLinks();
  startLive();
  render(html`<${App} />`, root);
}
