import type { LettersPage, ListedLetter } from '../../contract/dead-letters.ts';
import { Aggregate } from './aggregate.ts';
import { count, Time } from './format.ts';
import { html, type View } from './html.ts';

/** A page of letters, each with a box to mark it. */
export function LettersTable({
  page,
  pathOf,
  here,
  onHere,
  marked,
  onToggle,
}: {
  page: LettersPage;
  pathOf: (letter: ListedLetter) => string;
  /** Index of the row that keys act on. */
  here: number;
  onHere: (index: number) => void;
  /** Ids. */
  marked: ReadonlySet<string>;
  onToggle: (id: string) => void;
}): View {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="List of dead letters">
    <table>
      <caption>
        ${count(page.total)} ${page.total === 1 ? 'letter' : 'letters'}, oldest first. Mark some, or act on all.
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
                onHere(index);
              }}
            >
              <td>
                <input
                  type="checkbox"
                  aria-label=${`Mark letter ${letter.id}`}
                  checked=${marked.has(letter.id)}
                  onChange=${() => {
                    onToggle(letter.id);
                  }}
                />
              </td>
              <th scope="row"><a href=${pathOf(letter)}>${letter.id}</a></th>
              <td class="nowrap">${letter.reason}</td>
              <td><${Aggregate} name=${letter.aggregate} /></td>
              <td class="number">${letter.behind === 0 ? html`<span class="muted">–</span>` : count(letter.behind)}</td>
              <td class="number">
                ${letter.attempts === 0 ? html`<span class="muted">–</span>` : count(letter.attempts)}
              </td>
              <td class="text muted" title=${letter.error}>${letter.error}</td>
              <td><${Time} at=${letter.parkedAt} /></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
