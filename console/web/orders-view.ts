import { useEffect, useState } from 'preact/hooks';
import type { BrowsedOrders } from '../../contract/browse.ts';
import type { Order } from '../../contract/outputs.ts';
import { get, useData } from './api.ts';
import { cappedCount, count, duration, money, Status, Time } from './format.ts';
import { html, type View } from './html.ts';
import { Choice, Empty, Failure, Field, Head, Repl, Segments, Shown } from './parts.ts';
import { place, queryText, setQuery } from './router.ts';
import { opens, useRows } from './rows.ts';

const FILTERS = ['preset', 'status', 'reason', 'userId', 'from', 'to'] as const;

export function OrdersView(): View {
  const { query } = place.value;
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query[name]]));
  const path = `/console/api/orders${queryText({ ...filters, count: 'true' })}`;
  const first = useData<BrowsedOrders>(path, 5000);
  const preset =
    query['preset'] === 'stuck' || query['preset'] === 'slow'
      ? query['preset']
      : query['status'] === 'CANCELLED'
        ? 'cancelled'
        : hasFilter(query)
          ? ''
          : 'all';
  return html`
    <${Head}
      title="Orders"
      aside=${html`<${Segments}
        label="Preset"
        value=${preset}
        options=${[
          ['all', 'All'],
          ['stuck', 'Stuck'],
          ['slow', 'Slow'],
          ['cancelled', 'Cancelled'],
        ]}
        onChange=${(value: string) => {
          const cleared = Object.fromEntries(FILTERS.map((name) => [name, null]));
          setQuery({
            ...cleared,
            preset: value === 'stuck' || value === 'slow' ? value : null,
            status: value === 'cancelled' ? 'CANCELLED' : null,
          });
        }}
      />`}
    >
      Of all users, newest first. Open one for its story: every step from the request to the ledger and back.
    <//>
    <form
      class="filters"
      role="search"
      aria-label="Filter orders"
      onSubmit=${(event: Event) => {
        event.preventDefault();
      }}
    >
      <${Field}
        label="User"
        value=${query['userId'] ?? ''}
        placeholder="alice"
        isWide=${true}
        onChange=${(userId: string) => {
          setQuery({ userId });
        }}
      />
      <${Choice}
        label="Status"
        value=${query['status'] ?? ''}
        options=${[
          ['', 'any'],
          ['NEW', 'NEW'],
          ['FINISHED', 'FINISHED'],
          ['CANCELLED', 'CANCELLED'],
        ]}
        onChange=${(status: string) => {
          setQuery({ status, preset: null, ...(status !== 'CANCELLED' && { reason: null }) });
        }}
      />
      <${Choice}
        label="Reason"
        value=${query['reason'] ?? ''}
        options=${[
          ['', 'any'],
          ['insufficient-funds', 'insufficient-funds'],
          ['no-account', 'no-account'],
        ]}
        onChange=${(reason: string) => {
          setQuery({ reason, preset: null, ...(reason !== '' && { status: 'CANCELLED' }) });
        }}
      />
      <${Field}
        label="From (UTC)"
        type="datetime-local"
        value=${localOf(query['from'])}
        onChange=${(value: string) => {
          setQuery({ from: utcOf(value) });
        }}
      />
      <${Field}
        label="To (UTC)"
        type="datetime-local"
        value=${localOf(query['to'])}
        onChange=${(value: string) => {
          setQuery({ to: utcOf(value) });
        }}
      />
    </form>
    <section class="panel" aria-label="Orders">
      <${Shown} loaded=${first} what="The orders"
        >${(page: BrowsedOrders) => html`<${List} key=${path} first=${page} path=${path} isFiltered=${hasFilter(query)} />`}<//
      >
    </section>
    <${Repl}
      line=${query['userId'] ? `call orders.list --userId ${query['userId']}` : query['preset'] === 'stuck' ? 'reconcile --dry-run' : 'order <id>'}
    />
  `;
}

function hasFilter(query: Readonly<Record<string, string>>): boolean {
  return FILTERS.some((name) => Boolean(query[name]));
}

function localOf(time: string | undefined): string {
  return time === undefined ? '' : time.slice(0, 16);
}

function utcOf(local: string): string | null {
  return local === '' ? null : `${local}:00Z`;
}

function List({ first, path, isFiltered }: { first: BrowsedOrders; path: string; isFiltered: boolean }): View {
  const [more, setMore] = useState<readonly BrowsedOrders[]>([]);
  const [failure, setFailure] = useState<Error | null>(null);
  // What comes new at the top must not tear a hole before what was loaded behind it.
  const [base, setBase] = useState(first);
  useEffect(() => {
    if (more.length === 0) setBase(first);
  }, [first, more.length]);
  const pages = [base, ...more];
  const items = pages.flatMap((page) => page.items);
  const last = pages.at(-1);
  const { here, setHere } = useRows(
    items.length,
    opens((index) => pathOf(items[index])),
  );
  const loadMore = (): void => {
    const before = last?.next;
    if (!before) return;
    setFailure(null);
    get<BrowsedOrders>(
      `${path.replace('&count=true', '').replace('?count=true', '?')}&before=${before}`.replace('?&', '?'),
    ).then(
      (page) => {
        setMore((loaded) => [...loaded, page]);
      },
      (error: unknown) => {
        setFailure(error as Error);
      },
    );
  };
  if (items.length === 0 && !last?.next) {
    return html`<${Empty} title=${isFiltered ? 'No order fits these filters.' : 'There are no orders yet.'}>
      ${
        isFiltered
          ? html`Take one of them away, or <a href="/console/orders">look at all</a>.`
          : html`Create one:
              <code
                >curl -s localhost:8080/api/orders -H 'Content-Type: application/json' -d
                '{"userId":"alice","amount":40.05}'</code
              >, or play some with <code>npm run shop</code>.`
      }
    <//>`;
  }
  const lookedAt = pages.reduce((sum, page) => sum + (page.lookedAt ?? 0), 0);
  const onwards = html`
    ${failure ? html`<${Failure} what="The next page cannot be shown." error=${failure} retry=${loadMore} />` : null}
    ${last?.lookedAt ? html`<p class="more muted small">Looked through ${count(lookedAt)} orders so far.</p>` : null}
    ${last?.next ? html`<div class="more"><button onClick=${loadMore}>Show more</button><span class="muted small">${items.length} shown</span></div>` : null}
  `;
  if (items.length === 0) {
    return html`<${Empty} title=${`None of the ${count(lookedAt)} orders that were looked at fits.`}
        >There are older ones: look further, or choose a time.<//
      >${onwards}`;
  }
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="List of orders">
      <table>
        <caption>
          ${first.count === null ? 'Orders' : `${cappedCount(first.count)} ${first.count === 1 ? 'order' : 'orders'}`},
          newest first
        </caption>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Status</th>
            <th scope="col">User</th>
            <th scope="col" class="number">Amount</th>
            <th scope="col">Created</th>
            <th scope="col">Last change</th>
            <th scope="col">Description</th>
          </tr>
        </thead>
        <tbody>
          ${items.map(
            (order, index) =>
              html`<tr
                key=${order.orderId}
                data-row
                class=${index === here ? 'here' : ''}
                onClick=${() => {
                  setHere(index);
                }}
              >
                <th scope="row"><a class="mono nowrap" href=${pathOf(order)}>${order.orderId}</a></th>
                <td><${Status} status=${order.status} reason=${order.reason} /></td>
                <td><a href=${`/console/accounts/${encodeURIComponent(order.userId)}`}>${order.userId}</a></td>
                <td class="number">${money(order.amount)}</td>
                <td><${Time} at=${order.createdAt} /></td>
                <td>
                  ${order.version === 1 ? html`<span class="muted">–</span>` : html`<${Time} at=${order.updatedAt} />${tookOf(order)}`}
                </td>
                <td class="text muted" title=${order.description}>${order.description ?? ''}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${onwards}
  `;
}

/** From creation to final; of most it is a fraction of a second. */
function tookOf({ createdAt, updatedAt }: Order): View | null {
  const seconds = (Date.parse(updatedAt) - Date.parse(createdAt)) / 1000;
  return seconds < 1 ? null : html` <span class="muted small nowrap">after ${duration(seconds)}</span>`;
}

function pathOf(order: Order | undefined): string {
  return `/console/orders/${order?.orderId ?? ''}`;
}
