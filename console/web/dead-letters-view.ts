import type { DeadLetterGroups } from '../answers.ts';
import { useData } from './api.ts';
import { GroupTable } from './dead-letter-groups.ts';
import { Letters } from './dead-letters-of-service.ts';
import { html, type View } from './html.ts';
import { Away, Failure, Head, Repl, Shown } from './parts.ts';
import { place, queryText } from './router.ts';

export function DeadLettersView(): View {
  const { query } = place.value;
  const loaded = useData<DeadLetterGroups>('/console/api/dead-letters', 5000);
  const service = query['service'];
  return html`
    <${Head} title="Dead letters"
      >Events that can never be handled as they are, set aside so that everything else goes on. Each waits for a
      person.<//
    >
    <${Shown} loaded=${loaded} what="The dead letters"
      >${(groups: DeadLetterGroups) => html`
        <${Away} services=${groups.away} what="Its dead letters are not shown." />
        ${groups.services.flatMap((each) => (each.failure ? [html`<${Failure} what=${`The dead letters of ${each.service} cannot be shown.`} error=${each.failure} />`] : []))}
        <${GroupTable} groups=${groups} />
      `}<//
    >
    ${service ? html`<${Letters} key=${queryText(query)} service=${service} query=${query} onDone=${loaded.reload} />` : html`<${Repl} line="dlq" />`}
  `;
}
