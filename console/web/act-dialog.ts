import { useState } from 'preact/hooks';
import type { ActKind, ActReport, Outcome } from '../../contract/dead-letters.ts';
import { post } from './api.ts';
import { filterWords, quote } from './dlq-line.ts';
import { count } from './format.ts';
import { html, type View } from './html.ts';
import { Dialog, Failure, Repl } from './parts.ts';
import { actor, rememberActor } from './state.ts';

/** Replay and discard: first what it would do, then done, with who and why. */

export interface Selected {
  readonly service: string;
  readonly side: string;
  /** Letters by id, or everything that fits. */
  readonly ids: readonly string[] | null;
  readonly filters: Readonly<Record<string, string>>;
  readonly count: number;
}

/** From here on the number has to be typed: nobody clicks away a thousand. */
const TYPE_ABOVE = 100;
/** A newer node may know others. */
const OUTCOMES: Readonly<Partial<Record<string, string>>> = {
  settled: 'settled: its effect is there',
  'settled-before': 'settled before: nothing more to do',
  'put-back': 'put back into the outbox',
  discarded: 'discarded',
  'refused-again': 'refused again: it stays',
  failed: 'failed: it stays',
  waits: 'waits for an earlier one',
  'needs-force': 'may end the process: only with force',
} satisfies Record<Outcome, string>;

export function ActDialog({
  kind,
  selected,
  subject,
  onClose,
  onDone,
}: {
  kind: ActKind;
  selected: Selected;
  subject: string | null;
  onClose: () => void;
  onDone: () => void;
}): View {
  const [why, setWhy] = useState('');
  const [by, setBy] = useState(subject ?? actor.value);
  const [typed, setTyped] = useState('');
  const [isForced, setForced] = useState(false);
  const [report, setReport] = useState<ActReport | null>(null);
  const [done, setDone] = useState<Readonly<Record<string, number>>>({});
  const [running, setRunning] = useState<'dry' | 'go' | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const { service, side, ids, filters, count: letters } = selected;
  const isLarge = letters > TYPE_ABOVE;
  const isReady = why.trim() !== '' && by.trim() !== '';

  const ask = (dryRun: boolean, after: string | null): Promise<ActReport> =>
    post<ActReport>(`/console/api/dead-letters/${service}/${kind}`, {
      side,
      ...(ids === null ? { ...filters, ...(Object.keys(filters).length === 0 && { all: true }) } : { ids }),
      by: by.trim(),
      why: why.trim(),
      dryRun,
      ...(kind === 'replay' && { force: isForced }),
      ...(after !== null && { after }),
    });

  const run = async (dryRun: boolean): Promise<void> => {
    rememberActor(by.trim());
    setFailure(null);
    setRunning(dryRun ? 'dry' : 'go');
    try {
      let after: string | null = null;
      const sums: Record<string, number> = {};
      // A call does some hundred letters; the act of each is on record, whatever becomes of this tab.
      for (;;) {
        const step: ActReport = await ask(dryRun, after);
        setReport(step);
        for (const [outcome, number] of Object.entries(step.counts)) sums[outcome] = (sums[outcome] ?? 0) + number;
        setDone({ ...sums });
        if (dryRun || !step.more || Object.keys(step.counts).length === 0) break;
        after = step.after;
      }
      if (!dryRun) onDone();
    } catch (error) {
      setFailure(error as Error);
    } finally {
      setRunning(null);
    }
  };

  const dealtWith = Object.values(done).reduce((sum, number) => sum + number, 0);
  const isOver = report !== null && !report.dryRun && running === null;
  const verb = kind === 'replay' ? 'Replay' : 'Discard';
  return html`<${Dialog}
    title=${`${verb} ${count(letters)} ${letters === 1 ? 'dead letter' : 'dead letters'} of ${service}`}
    onClose=${onClose}
  >
    <p class="muted">
      ${
        kind === 'replay'
          ? 'Each is settled as its consumer would have done it, in order, once: what was settled before has no second effect. A dry run tries it in a transaction that is rolled back.'
          : 'What their consumer would have done is never done; the letters go, and stay on record with who and why. What follows them goes on.'
      }
    </p>
    <form
      onSubmit=${(event: Event) => {
        event.preventDefault();
      }}
    >
      <div class="field">
        <label for="act-by">Who</label>
        <input
          id="act-by"
          value=${by}
          disabled=${subject !== null}
          required
          onInput=${(event: Event) => {
            setBy((event.target as HTMLInputElement).value);
          }}
        />
      </div>
      <div class="field">
        <label for="act-why">Why (recorded)</label>
        <textarea
          id="act-why"
          rows="2"
          required
          autofocus
          onInput=${(event: Event) => {
            setWhy((event.target as HTMLTextAreaElement).value);
          }}
        >
${why}</textarea>
      </div>
      ${
        kind === 'replay'
          ? html`<label class="check"
              ><input
                type="checkbox"
                checked=${isForced}
                onChange=${(event: Event) => {
                  setForced((event.target as HTMLInputElement).checked);
                }}
              />
              also what may end the process (force)</label
            >`
          : null
      }
      ${
        isLarge
          ? html`<div class="field">
              <label for="act-count">Type ${String(letters)} to confirm</label>
              <input
                id="act-count"
                inputmode="numeric"
                autocomplete="off"
                value=${typed}
                onInput=${(event: Event) => {
                  setTyped((event.target as HTMLInputElement).value.trim());
                }}
              />
            </div>`
          : null
      }
      <${Repl} line=${replLine(kind, selected, by, why, report?.dryRun === true)} />
      ${failure ? html`<${Failure} what="It was not done." error=${failure} />` : null}
      ${
        running !== null
          ? html`<div role="status" aria-live="polite">
              <div class="progress">
                <i style=${`width:${Math.min(100, (dealtWith / Math.max(1, letters)) * 100)}%`}></i>
              </div>
              <p class="muted small">${running === 'dry' ? 'Trying…' : `${count(dealtWith)} of ${count(letters)}…`}</p>
            </div>`
          : null
      }
      ${report && running === null ? html`<${Outcome} report=${report} counts=${done} />` : null}
      <div class="actions">
        <button type="button" onClick=${(event: Event) => (event.target as Element).closest('dialog')?.close()}>
          ${isOver ? 'Close' : 'Cancel'}
        </button>
        ${
          isOver
            ? null
            : html`<button type="button" disabled=${!isReady || running !== null} onClick=${() => void run(true)}>
                  Dry run
                </button>
                <button
                  type="button"
                  class=${kind === 'discard' ? 'danger' : 'primary'}
                  disabled=${!isReady || running !== null || report?.dryRun !== true || (isLarge && typed !== String(letters))}
                  title=${report?.dryRun === true ? '' : 'After a dry run'}
                  onClick=${() => void run(false)}
                >
                  ${verb}
                </button>`
        }
      </div>
      ${isOver || report?.dryRun === true ? null : html`<p class="muted small" style="text-align:right">${verb} opens after a dry run.</p>`}
    </form>
  <//>`;
}

function Outcome({ report, counts }: { report: ActReport; counts: Readonly<Record<string, number>> }): View {
  const rows = Object.entries(counts);
  return html`<section aria-label="Outcome" role="status">
    <h2>${report.dryRun ? `Dry run (act ${report.act}): nothing was changed` : `Done (act ${report.act})`}</h2>
    ${
      rows.length === 0
        ? html`<p class="muted">No letter fits any more.</p>`
        : html`<ul style="margin:6px 0 0;padding-left:18px">
            ${rows.map(([outcome, number]) => html`<li><b>${count(number)}</b> ${OUTCOMES[outcome] ?? outcome}</li>`)}
          </ul>`
    }
    ${report.letters
      .filter(({ detail }) => detail !== null)
      .slice(0, 5)
      .map(({ id, detail }) => html`<p class="small muted" style="overflow-wrap:anywhere">${id}: ${detail}</p>`)}
    ${report.note && !report.dryRun ? html`<p class="small">${report.note}</p>` : null}
    ${report.more && report.dryRun ? html`<p class="small muted">The dry run tried the first of them; doing it goes on to the end.</p>` : null}
  </section>`;
}

function replLine(
  kind: ActKind,
  { service, side, ids, filters }: Selected,
  by: string,
  why: string,
  isTried: boolean,
): string {
  const which = ids === null ? filterWords(filters) : ids;
  return [
    `dlq ${kind} ${service}`,
    ...(side === 'relay' ? ['--side relay'] : []),
    ...(which.length === 0 ? ['--all'] : which),
    `--by ${quote(by.trim() || 'me')} --reason ${quote(why.trim() || '…')}`,
    ...(isTried ? ['--yes'] : []),
  ].join(' ');
}
