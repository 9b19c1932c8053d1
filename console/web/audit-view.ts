import { useState } from 'preact/hooks';
import type { AuditAnswer, AuditReport } from '../answers.ts';
import { post, useData } from './api.ts';
import { count, duration, money, Time } from './format.ts';
import { html, type View } from './html.ts';
import { Empty, Failure, Head, Panel, Repl, Shown } from './parts.ts';

export function AuditView(): View {
  const [isAsked, setAsked] = useState(false);
  const loaded = useData<AuditAnswer>('/console/api/audit', isAsked ? 700 : 3000);
  const [failure, setFailure] = useState<Error | null>(null);
  const run = (incremental: boolean): void => {
    setAsked(true);
    setFailure(null);
    post('/console/api/audit', { incremental })
      .catch((error: unknown) => {
        setFailure(error as Error);
      })
      .finally(() => {
        setAsked(false);
        loaded.reload();
      });
  };
  const running = loaded.data?.running ?? null;
  const isBusy = isAsked || running !== null;
  return html`
    <${Head}
      title="Audit"
      aside=${html`<button
          class="primary"
          disabled=${isBusy}
          onClick=${() => {
            run(false);
          }}
        >
          Run audit</button
        ><button
          disabled=${isBusy}
          onClick=${() => {
            run(true);
          }}
        >
          Only what changed
        </button>`}
    >
      Whether the money is right: every balance, payment, order and event, compared on the live databases in short
      snapshots.
    <//>
    ${failure ? html`<${Failure} what="The audit could not be run." error=${failure} />` : null}
    ${
      isBusy
        ? html`<div class="notice" role="status" aria-live="polite">
            <strong>An audit is running.</strong>
            ${running ? `${running.stage}: ${count(running.rows)} rows` : 'It begins.'}
            <div
              class="progress"
              style="margin-top:8px"
              role="progressbar"
              aria-label="Progress of the audit"
              aria-valuemin="0"
              aria-valuemax="100"
              aria-valuenow=${Math.round((running?.share ?? 0) * 100)}
            >
              <i style=${`width:${Math.round((running?.share ?? 0) * 100)}%`}></i>
            </div>
          </div>`
        : null
    }
    <${Shown} loaded=${loaded} what="The audit"
      >${({ failure: left, report }: AuditAnswer) => html`
        ${left ? html`<${Failure} what="The last audit has left no report." error=${left} />` : null}
        ${
          report === null
            ? html`<section class="panel">
                <${Empty} title="No audit has been run yet."
                  >Run one: it takes seconds for a million rows, and nobody waits for it.<//
                >
              </section>`
            : html`<${ReportPanel} report=${report} />`
        }
      `}<//
    >
    <${Repl} line="audit" />
  `;
}

function ReportPanel({ report }: { report: AuditReport }): View {
  const isRight = report.violationCount === 0;
  const tone = !isRight ? 'bad' : report.unanswered.length > 0 ? 'warn' : 'good';
  const sentence = !isRight
    ? `NOT right: ${count(report.violationCount)} ${report.violationCount === 1 ? 'violation' : 'violations'}.`
    : report.unanswered.length > 0
      ? 'Nothing wrong was found, and not everything could be asked.'
      : 'Nothing is wrong: the money is right to the last unit.';
  return html`
    <div>
      <p class="verdict"><i class="dot ${tone}" aria-hidden="true"></i><span>${sentence}</span></p>
      <p class="muted" style="margin-top:4px">
        ${report.mode === 'full' ? 'Everything' : 'What had changed since the audit before'},
        <${Time} at=${report.startedAt} />, in ${duration(report.tookMs / 1000)}; the longest snapshot took
        ${duration(report.longestSnapshotMs / 1000)}.
      </p>
    </div>
    ${report.unanswered.map((what) => html`<div class="notice warn"><strong>Not asked</strong>${what}</div>`)}
    <${Panel} title="Invariants" label="Invariants">
      <div class="scroll" tabindex="0" role="region" aria-label="Checks of the audit">
        <table>
          <caption class="visually-hidden">
            Each check with how often it does not hold
          </caption>
          <thead>
            <tr>
              <th scope="col">Result</th>
              <th scope="col">Invariant</th>
              <th scope="col">What has to be true</th>
              <th scope="col" class="number">Violations</th>
            </tr>
          </thead>
          <tbody>
            ${report.checks.map(
              ({ id, invariant, name, violations }) =>
                html`<tr key=${id}>
                  <td>
                    <span class="status"
                      ><i class="dot ${violations === 0 ? 'good' : 'bad'}" aria-hidden="true"></i
                      >${violations === 0 ? 'ok' : 'WRONG'}</span
                    >
                  </td>
                  <td>${invariant}</td>
                  <th scope="row">${name}</th>
                  <td class="number">${count(violations)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    <//>
    ${
      report.violations.length > 0
        ? html`<${Panel} title="What is wrong" label="Violations"
            ><div class="scroll" tabindex="0" role="region" aria-label="List of violations">
              <table>
                <caption>
                  The first of each check
                </caption>
                <thead>
                  <tr>
                    <th scope="col">Invariant</th>
                    <th scope="col">What</th>
                    <th scope="col">Whom</th>
                  </tr>
                </thead>
                <tbody>
                  ${report.violations.map(
                    ({ invariant, what, ids }) =>
                      html`<tr>
                        <td>${invariant}</td>
                        <td>${what}</td>
                        <td>
                          ${Object.entries(ids).map(([name, id]) => html`<div class="small"><span class="muted">${name}</span> <${Id} name=${name} id=${id} /></div>`)}
                        </td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div><//
          >`
        : null
    }
    ${
      (report.discarded ?? []).length > 0
        ? html`<${Panel} title="Discarded by a person" label="Discarded events"
            ><div class="scroll" tabindex="0" role="region" aria-label="List of discarded events">
              <table>
                <caption>
                  Orders that stay NEW, since somebody discarded the event that had to come next
                </caption>
                <thead>
                  <tr>
                    <th scope="col">Order</th>
                    <th scope="col">By</th>
                    <th scope="col">Why</th>
                    <th scope="col">When</th>
                  </tr>
                </thead>
                <tbody>
                  ${(report.discarded ?? []).map(
                    ({ orderId, by, why, at }) =>
                      html`<tr key=${orderId}>
                        <th scope="row"><${Id} name="orderId" id=${orderId} /></th>
                        <td>${by}</td>
                        <td>${why}</td>
                        <td><${Time} at=${at} /></td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div><//
          >`
        : null
    }
    <${Panel} title="What was looked at"
      ><div class="body">
        <dl class="facts">
          ${Object.entries(report.counted).map(
            ([name, value]) =>
              html`<dt>${name}</dt>
                <dd>
                  ${typeof value === 'string' ? html`${minorUnits(value)} <span class="muted small">sum</span>` : count(value)}
                </dd>`,
          )}
        </dl>
      </div><//
    >
  `;
}

function Id({ name, id }: { name: string; id: string }): View {
  if (name === 'orderId') return html`<a class="mono" href=${`/console/orders/${id}`}>${id}</a>`;
  if (name === 'userId') return html`<a href=${`/console/accounts/${encodeURIComponent(id)}`}>${id}</a>`;
  return html`<span class="mono">${id}</span>`;
}

/** Sums are minor units, as text: the point is put where it belongs. */
function minorUnits(text: string): string {
  const match = /^(-?)(\d+)$/.exec(text);
  if (match === null) return text;
  const digits = (match[2] ?? '').padStart(3, '0');
  return money(`${match[1] ?? ''}${digits.slice(0, -2)}.${digits.slice(-2)}`);
}
