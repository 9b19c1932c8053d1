import { useEffect, useRef, useState } from 'preact/hooks';
import { html, type Children, type View } from './html.ts';
import type { Loaded } from './api.ts';

/** Small parts that every view is made of. */

export function Head({ title, children, aside }: { title: Children; children?: Children; aside?: Children }): View {
  return html`<div class="head">
    <h1>${title}</h1>
    <span class="spring"></span>
    ${aside}${children ? html`<p>${children}</p>` : null}
  </div>`;
}

export function Panel({
  title,
  aside,
  children,
  label,
}: {
  title?: Children;
  aside?: Children;
  children: Children;
  label?: string;
}): View {
  return html`<section class="panel" aria-label=${label}>
    ${
      title
        ? html`<header>
            <h2>${title}</h2>
            <span class="spring"></span>${aside}
          </header>`
        : null
    }
    ${children}
  </section>`;
}

/** What to do where nothing is. */
export function Empty({ title, children }: { title: string; children?: Children }): View {
  return html`<div class="empty"><strong>${title}</strong>${children}</div>`;
}

/** A failure, with what is done about it. */
export function Failure({ what, error, retry }: { what: string; error: Error | string; retry?: () => void }): View {
  return html`<div class="notice bad" role="alert">
    <strong>${what}</strong>
    ${typeof error === 'string' ? error : error.message}
    ${retry ? html` <button class="link" onClick=${retry}>Try again</button>` : null}
  </div>`;
}

/** Shows what was loaded; what was there before stays while the next answer is awaited, with what went wrong above it. */
export function Shown<T>({
  loaded,
  what,
  children,
}: {
  loaded: Loaded<T>;
  what: string;
  /** A function; blanks around it in the template come along. */
  children: ((data: T) => Children) | readonly unknown[];
}): View {
  const { data, error, reload } = loaded;
  const draw = [children].flat().find((each): each is (data: T) => Children => typeof each === 'function');
  return html`${error ? html`<${Failure} what=${`${what} cannot be shown.`} error=${error} retry=${reload} />` : null}
  ${data !== null ? draw?.(data) : error ? null : html`<p class="loading" role="status">Loading…</p>`}`;
}

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }): View {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => {
        setCopied(false);
      }, 1500);
    });
  };
  return html`<button type="button" class="quiet" onClick=${copy} aria-label=${`${label}: ${text}`}>
    ${isCopied ? 'Copied' : label}
  </button>`;
}

/** The same by the REPL: what somebody learns here they can do without a browser. */
export function Repl({ line }: { line: string }): View {
  return html`<div class="repl"><span>REPL</span><code tabindex="0">${line}</code><${Copy} text=${line} /></div>`;
}

/** One of several: its key, and the word that people read. */
interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

export function Segments({ label, value, options, onChange }: ChoiceProps): View {
  return html`<div class="segments" role="group" aria-label=${label}>
    ${options.map(
      ([key, text]) =>
        html`<button
          type="button"
          aria-pressed=${key === value ? 'true' : 'false'}
          onClick=${() => {
            onChange(key);
          }}
        >
          ${text}
        </button>`,
    )}
  </div>`;
}

/** A dialog over the page: closes by Escape, gives the focus back. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: Children }): View {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return html`<dialog ref=${element} onClose=${onClose} aria-label=${title}>
    <div class="stack">
      <h1>${title}</h1>
      ${children}
    </div>
  </dialog>`;
}

/** A small line over the last minute, with its words beside it. */
export function Spark({ values, label }: { values: readonly (number | null)[]; label: string }): View {
  const known = values.filter((value) => value !== null);
  const top = Math.max(...known, 1e-9);
  let path = '';
  let isOpen = false;
  values.forEach((value, index) => {
    if (value === null) {
      isOpen = false;
      return;
    }
    const x = ((index / Math.max(1, values.length - 1)) * 108 + 1).toFixed(1);
    const y = (22 - (value / top) * 20).toFixed(1);
    path += `${isOpen ? 'L' : 'M'}${x} ${y}`;
    isOpen = true;
  });
  return html`<svg class="spark" viewBox="0 0 110 24" role="img" aria-label=${label}><path d=${path}></path></svg>`;
}

/** Typed text that is taken a moment after the last key. */
export function Field({
  label,
  value,
  onChange,
  placeholder = '',
  isWide = false,
  type = 'text',
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  isWide?: boolean;
  type?: string;
}): View {
  const id = `field-${label.toLowerCase().replace(/\W+/g, '-')}`;
  return html`<div class=${isWide ? 'wide' : ''}>
    <label for=${id}>${label}</label>
    <input
      id=${id}
      type=${type}
      value=${value}
      placeholder=${placeholder}
      spellcheck=${false}
      autocomplete="off"
      onChange=${(event: Event) => {
        onChange((event.target as HTMLInputElement).value.trim());
      }}
    />
  </div>`;
}

export function Choice({ label, value, options, onChange }: ChoiceProps): View {
  const id = `choice-${label.toLowerCase().replace(/\W+/g, '-')}`;
  return html`<div>
    <label for=${id}>${label}</label>
    <select
      id=${id}
      value=${value}
      onChange=${(event: Event) => {
        onChange((event.target as HTMLSelectElement).value);
      }}
    >
      ${options.map(([key, text]) => html`<option value=${key} selected=${key === value}>${text}</option>`)}
    </select>
  </div>`;
}

export function Away({ services, what }: { services: readonly string[]; what: string }): View | null {
  if (services.length === 0) return null;
  return html`<div class="notice warn" role="status">
    <strong>${services.join(' and ')} ${services.length === 1 ? 'is' : 'are'} away.</strong> ${what}
  </div>`;
}
