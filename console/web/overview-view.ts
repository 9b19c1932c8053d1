import type { FlowTable, Overview, Problem } from '../answers.ts';
import { useData } from './api.ts';
import { Chart } from './chart.ts';
import { duration, rate, Time } from './format.ts';
import { html, type View } from './html.ts';
import { flow, flowError, overview } from './live.ts';
import { Failure, Head, Repl, Segments } from './parts.ts';
import { place, setQuery } from './router.ts';
import { showsUtc } from './state.ts';

/** As the gateway warns from. */
const WARN_FROM_S = 10;

export function OverviewView(): View {
  const range = place.value.query['range'] === '24h' ? '24h' : '15m';
  const day = useData<FlowTable>(range === '24h' ? '/console/api/flow?range=24h' : null, 60_000);
  const shown = range === '24h' ? day.data : flow.value;
  const error = range === '24h' ? day.error?.message : flowError.value;
  const said = overview.value;
  return html`
    <${Verdict} overview=${said} flow=${flow.value} />
    ${error ? html`<${Failure} what="The figures cannot be shown." error=${error} />` : null}
    ${(said?.problems ?? []).length > 0 ? html`<${Problems} problems=${said?.problems} />` : null}
    <div class="head" style="margin-top:4px">
      <h2>Flow</h2>
      <span class="muted small">${range === '24h' ? 'by minutes' : 'by seconds'}, times in UTC</span>
      <span class="spring"></span>
      <${Segments}
        label="Range"
        value=${range}
        options=${[
          ['15m', '15 minutes'],
          ['24h', '24 hours'],
        ]}
        onChange=${(value: string) => {
          setQuery({ range: value === '24h' ? value : null });
        }}
      />
    </div>
    ${shown === null ? html`<p class="loading" role="status">Loading…</p>` : html`<${Charts} flow=${shown} />`}
  `;
}

function Verdict({ overview: said, flow: shown }: { overview: Overview | null; flow: FlowTable | null }): View {
  if (said === null) return html`<${Head} title="Looking around…" />`;
  const alarms = said.problems.filter(({ severity }) => severity === 'alarm').length;
  const tone = alarms > 0 ? 'bad' : said.problems.length > 0 ? 'warn' : 'good';
  const sentence =
    said.problems.length === 0
      ? 'All is well.'
      : `${said.problems.length === 1 ? 'One thing needs' : `${said.problems.length} things need`} you.`;
  return html`<div>
    <h1 class="verdict"><i class="dot ${tone}" aria-hidden="true"></i><span>${sentence}</span></h1>
    <p class="muted" style="margin-top:4px">${details(said, shown)} ${auditSentence(said)}</p>
  </div>`;
}

function details(said: Overview, shown: FlowTable | null): string {
  const accepted = shown === null ? null : recent(shown, 'accepted');
  const p50 = shown === null ? null : recent(shown, 'p50');
  const flowing =
    accepted === null
      ? ''
      : accepted < 0.05
        ? 'No orders come in just now. '
        : `${rate(accepted)} orders a second come in. `;
  const settled = p50 === null ? '' : `Half of them are final within ${duration(p50)}. `;
  const { here, gone } = said.nodes;
  return `${flowing}${settled}${here} ${here === 1 ? 'node is' : 'nodes are'} here${gone > 0 ? `, ${gone} gone` : ''}.`;
}

function auditSentence({ audit }: Overview): View {
  if (audit === null) return html`<span>No audit has been run yet: <a href="/console/audit">run one</a>.</span>`;
  const found = audit.violations > 0 ? `found ${audit.violations} violations` : 'found nothing wrong';
  return html`<span
    >The last <a href="/console/audit">audit</a>, ${showsUtc.value ? 'at ' : ''}<${Time} at=${audit.startedAt} />,
    ${found}.</span
  >`;
}

/** Over the last ten seconds: of a single one it would flicker. */
function recent({ columns, rows }: FlowTable, name: string): number | null {
  const column = columns.indexOf(name) + 1;
  const values = rows.slice(-10).flatMap((row) => row[column] ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function Problems({ problems }: { problems: readonly Problem[] }): View {
  return html`<section class="panel" aria-label="Problems">
    <div class="scroll" tabindex="0" role="region" aria-label="What needs somebody">
      <table>
        <caption class="visually-hidden">
          What is wrong, the worst first, with what to do.
        </caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">What to do</th>
            <th scope="col">REPL</th>
          </tr>
        </thead>
        <tbody>
          ${problems.map(
            ({ severity, what, next, view, repl }) =>
              html`<tr key=${what}>
                <th scope="row">
                  <span class="status"
                    ><i class="dot ${severity === 'alarm' ? 'bad' : 'warn'}" aria-hidden="true"></i
                    ><span class="visually-hidden">${severity}: </span></span
                  >
                  <a href=${view}>${what}</a>
                </th>
                <td class="muted">${next}</td>
                <td><code class="nowrap">${repl}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function Charts({ flow: shown }: { flow: FlowTable }): View {
  const moments = shown.rows.map(([at]) => at);
  const of = (name: string): (number | null)[] => {
    const column = shown.columns.indexOf(name) + 1;
    return shown.rows.map((row) => row[column] ?? null);
  };
  const perSecond = (value: number | null): string => (value === null ? '–' : `${rate(value)}/s`);
  const now = (name: string, unit: (value: number | null) => string): string => unit(recent(shown, name));
  return html`<div class="grid">
      <${Chart}
        title="Orders that became final"
        isStacked=${true}
        moments=${moments}
        unit=${perSecond}
        atLeast=${1}
        summary=${`Orders a second, by what became of them. Over the last ten rows: ${now('finished', perSecond)} finished, ${now('noMoney', perSecond)} cancelled for want of money, ${now('noAccount', perSecond)} for want of an account.`}
        series=${[
          { label: 'finished', color: '--series-2', values: of('finished') },
          { label: 'cancelled, no money', color: '--series-3', values: of('noMoney') },
          { label: 'cancelled, no account', color: '--series-4', values: of('noAccount') },
        ]}
      />
      <${Chart}
        title="From creation to final"
        moments=${moments}
        unit=${duration}
        atLeast=${0.1}
        note="No order became final in this time."
        summary=${`How long orders take until they are final: half within ${now('p50', duration)}, 99 of 100 within ${now('p99', duration)}.`}
        series=${[
          { label: 'p50', color: '--series-1', values: of('p50') },
          { label: 'p99', color: '--series-4', values: of('p99') },
        ]}
      />
      <${Chart}
        title="Oldest unpublished event"
        moments=${moments}
        unit=${duration}
        atLeast=${1}
        threshold=${WARN_FROM_S}
        summary=${`Age of the oldest event that waits in an outbox: orders ${now('ageOrders', duration)}, payments ${now('agePayments', duration)}.`}
        series=${[
          { label: 'orders', color: '--series-1', values: of('ageOrders') },
          { label: 'payments', color: '--series-2', values: of('agePayments') },
        ]}
      />
      <${Chart}
        title="Age of what consumers have not settled"
        moments=${moments}
        unit=${duration}
        atLeast=${1}
        threshold=${WARN_FROM_S}
        summary=${`Age of the oldest record that a consumer has not settled: payments.pay ${now('lagAgePay', duration)}, orders.settle ${now('lagAgeSettle', duration)}.`}
        series=${[
          { label: 'payments.pay', color: '--series-1', values: of('lagAgePay') },
          { label: 'orders.settle', color: '--series-2', values: of('lagAgeSettle') },
        ]}
      />
    </div>
    <div><${Repl} line="lag" /></div>`;
}
