import type { ToldOrder } from '../answers.ts';
import { useData } from './api.ts';
import { money, Status, Time } from './format.ts';
import { html, type View } from './html.ts';
import { Copy, Head, Panel, Repl, Shown } from './parts.ts';
import { StoryPanel } from './story.ts';

export function OrderView({ orderId }: { readonly orderId: string }): View {
  const path = `/console/api/orders/${encodeURIComponent(orderId)}`;
  const loaded = useData<ToldOrder>(path, 3000);
  return html`
    <${Head}
      title=${html`Order <span class="mono" style="font-size:15px;overflow-wrap:anywhere">${orderId}</span>`}
      aside=${html`<span class="nowrap"><${Copy} text=${location.href} label="Copy link" /><${Copy} text=${`curl -s ${location.origin}/api/orders/${orderId}`} label="Copy curl" /></span>`}
    />
    <${Shown} loaded=${loaded} what="The order"
      >${({ order, story, storyFailure }: ToldOrder) => html`
        <dl class="figures">
          <div>
            <dt>Status</dt>
            <dd style="font-size:15px"><${Status} status=${order.status} reason=${order.reason} /></dd>
          </div>
          <div>
            <dt>Amount</dt>
            <dd>${money(order.amount)}</dd>
          </div>
          <div>
            <dt>User</dt>
            <dd style="font-size:15px">
              <a href=${`/console/accounts/${encodeURIComponent(order.userId)}`}>${order.userId}</a>
            </dd>
          </div>
          <div>
            <dt>Created</dt>
            <dd style="font-size:15px"><${Time} at=${order.createdAt} /></dd>
          </div>
          <div>
            <dt>Last change</dt>
            <dd style="font-size:15px">
              ${order.version === 1 ? html`<span class="muted">none yet</span>` : html`<${Time} at=${order.updatedAt} />`}
            </dd>
          </div>
        </dl>
        ${order.description ? html`<p class="muted">“${order.description}”</p>` : null}
        <${StoryPanel} order=${order} story=${story} failure=${storyFailure} />
        <${Repl} line=${`order ${order.orderId}`} />
        <${Panel} title="As JSON" aside=${html`<${Copy} text=${JSON.stringify({ order, story }, null, 2)} />`}
          ><details class="body">
            <summary class="small">Show</summary>
            <pre tabindex="0">${JSON.stringify({ order, story }, null, 2)}</pre>
          </details><//
        >
      `}<//
    >
  `;
}
