import type { LetterGroup } from '../../contract/dead-letters.ts';
import type { DeadLetterGroups } from '../answers.ts';
import { count, Time } from './format.ts';
import { html, type View } from './html.ts';
import { Empty } from './parts.ts';
import { place, queryText } from './router.ts';
import { opens, useRows } from './rows.ts';

/** What happened once, to many: each group leads to its letters. */
export function GroupTable({ groups: { services } }: { groups: DeadLetterGroups }): View {
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
