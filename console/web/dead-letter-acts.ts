import type { LetterActs } from '../answers.ts';
import type { Loaded } from './api.ts';
import { Time } from './format.ts';
import { html, type View } from './html.ts';
import { Empty, Panel, Shown } from './parts.ts';

/** Who did what to dead letters, when and why. */
export function Acts({ loaded, service }: { loaded: Loaded<LetterActs>; service: string }): View {
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
