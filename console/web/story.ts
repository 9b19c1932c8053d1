import { html, type View } from './html.ts';
import type { Order } from './orders-view.ts';

export function StoryPanel({ failure }: { order: Order; story: unknown; failure: string | null }): View {
  return html`<div class="notice" role="status"><strong>Its story cannot be told just now.</strong>${failure}</div>`;
}
