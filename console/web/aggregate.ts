import { html, type View } from './html.ts';

/** What an event is about, `type/id`: an order leads to its story. */
export function Aggregate({ name }: { name: string | null }): View {
  if (name === null) return html`<span class="muted">–</span>`;
  const [type = '', ...id] = name.split('/');
  return type === 'order'
    ? html`<a class="mono nowrap" href=${`/console/orders/${id.join('/')}`}>${name}</a>`
    : html`<span class="mono">${name}</span>`;
}
