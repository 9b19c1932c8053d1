import { useState } from 'preact/hooks';
import type { BrowsedAccounts, CheckedAccount } from '../../contract/browse.ts';
import type { LedgerEntry, Page } from '../../contract/outputs.ts';
import type { AccountWithEntries } from '../answers.ts';
import { get, useData } from './api.ts';
import { cappedCount, count, money, Time } from './format.ts';
import { html, type View } from './html.ts';
import { Copy, Empty, Failure, Field, Head, Panel, Repl, Shown } from './parts.ts';
import { place, queryText, setQuery } from './router.ts';
import { opens, useRows } from './rows.ts';

export function AccountsView(): View {
  const { query } = place.value;
  const filters = { prefix: query['prefix'], after: query['after'] };
  const loaded = useData<BrowsedAccounts>(`/console/api/accounts${queryText({ ...filters, count: 'true' })}`, 5000);
  return html`
    <${Head} title="Accounts">In order of their users. Open one for its entries, each with the balance after it.<//>
    <form
      class="filters"
      role="search"
      aria-label="Filter accounts"
      onSubmit=${(event: Event) => {
        event.preventDefault();
      }}
    >
      <${Field}
        label="User begins with"
        value=${query['prefix'] ?? ''}
        placeholder="al"
        isWide=${true}
        onChange=${(prefix: string) => {
          setQuery({ prefix, after: null });
        }}
      />
    </form>
    <section class="panel" aria-label="Accounts">
      <${Shown} loaded=${loaded} what="The accounts"
        >${(page: BrowsedAccounts) => html`<${List} page=${page} isFiltered=${Boolean(query['prefix'])} />`}<//
      >
    </section>
    <${Repl} line="account <user>" />
  `;
}

function List({ page, isFiltered }: { page: BrowsedAccounts; isFiltered: boolean }): View {
  const { items, next } = page;
  const { here, setHere } = useRows(
    items.length,
    opens((index) => pathOf(items[index]?.userId ?? '')),
  );
  if (items.length === 0) {
    return html`<${Empty} title=${isFiltered ? 'No user begins like this.' : 'There are no accounts yet.'}>
      ${isFiltered ? html`<a href="/console/accounts">Look at all accounts</a>.` : html`Open one: <code>curl -s localhost:8080/api/payments/accounts -H 'Content-Type: application/json' -d '{"userId":"alice"}'</code>`}
    <//>`;
  }
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="List of accounts">
      <table>
        <caption>
          ${page.count === null ? 'Accounts' : `${cappedCount(page.count)} ${page.count === 1 ? 'account' : 'accounts'}`},
          in order of their users
        </caption>
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col" class="number">Balance</th>
            <th scope="col" class="number">Version</th>
            <th scope="col">Last change</th>
            <th scope="col">Opened</th>
          </tr>
        </thead>
        <tbody>
          ${items.map(
            ({ userId, balance, version, createdAt, updatedAt }, index) =>
              html`<tr
                key=${userId}
                data-row
                class=${index === here ? 'here' : ''}
                onClick=${() => {
                  setHere(index);
                }}
              >
                <th scope="row"><a href=${pathOf(userId)}>${userId}</a></th>
                <td class="number">${money(balance)}</td>
                <td class="number">${count(version)}</td>
                <td><${Time} at=${updatedAt} /></td>
                <td><${Time} at=${createdAt} /></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      next || place.value.query['after']
        ? html`<div class="more">
            ${place.value.query['after'] ? html`<a class="button" href=${`/console/accounts${queryText({ prefix: place.value.query['prefix'] })}`}>First page</a>` : null}
            ${
              next
                ? html`<button
                    onClick=${() => {
                      setQuery({ after: next });
                    }}
                  >
                    Next page
                  </button>`
                : null
            }
          </div>`
        : null
    }
  `;
}

function pathOf(userId: string): string {
  return `/console/accounts/${encodeURIComponent(userId)}`;
}

export function AccountView({ userId }: { readonly userId: string }): View {
  const path = `/console/api/accounts/${encodeURIComponent(userId)}`;
  const loaded = useData<AccountWithEntries>(path, 5000);
  return html`
    <${Head} title=${html`Account of ${userId}`} aside=${html`<${Copy} text=${location.href} label="Copy link" />`} />
    <${Shown} loaded=${loaded} what="The account"
      >${({ account, entries }: AccountWithEntries) => html`
        <dl class="figures">
          <div>
            <dt>Balance</dt>
            <dd>${money(account.balance)}</dd>
          </div>
          <div>
            <dt>Version</dt>
            <dd>${count(account.version)} <small>${account.version === 1 ? 'entry' : 'entries'}</small></dd>
          </div>
          <div>
            <dt>Last change</dt>
            <dd style="font-size:15px"><${Time} at=${account.updatedAt} /></dd>
          </div>
          <div>
            <dt>Opened</dt>
            <dd style="font-size:15px"><${Time} at=${account.createdAt} /></dd>
          </div>
        </dl>
        <${Check} path=${path} userId=${userId} />
        <${Entries} key=${userId} path=${path} first=${entries} />
        <p><a href=${`/console/orders${queryText({ userId })}`}>Orders of ${userId}</a></p>
        <${Repl} line=${`account ${userId}`} />
      `}<//
    >
  `;
}

/** Adds the account up on the spot. */
function Check({ path, userId }: { path: string; userId: string }): View {
  const [checked, setChecked] = useState<CheckedAccount | Error | null>(null);
  const [isRunning, setRunning] = useState(false);
  const run = (): void => {
    setRunning(true);
    get<CheckedAccount>(`${path}/check`)
      .then(setChecked, setChecked)
      .finally(() => {
        setRunning(false);
      });
  };
  const said =
    checked === null
      ? html`<span class="muted">Adds up every entry of ${userId} and compares the sum with the balance.</span>`
      : checked instanceof Error
        ? html`<span role="alert">${checked.message}</span>`
        : html`<span class="status" role="status"
            ><i class="dot ${checked.isRight ? 'good' : 'bad'}" aria-hidden="true"></i>
            ${checked.isRight ? 'Right' : 'WRONG'}: ${count(checked.entries)} entries add up to ${money(checked.sum)},
            the balance is ${money(checked.balance)} in version ${count(checked.version)}.</span
          >`;
  return html`<div class="filters"><button onClick=${run} disabled=${isRunning}>Check account</button>${said}</div>`;
}

function Entries({ path, first }: { path: string; first: Page<LedgerEntry> }): View {
  const [more, setMore] = useState<readonly Page<LedgerEntry>[]>([]);
  const [failure, setFailure] = useState<Error | null>(null);
  const pages = [first, ...more];
  const seen = new Set<number>();
  const items = pages.flatMap((page) => page.items).filter(({ version }) => !seen.has(version) && seen.add(version));
  const next = pages.at(-1)?.nextCursor ?? null;
  const loadMore = (): void => {
    setFailure(null);
    get<AccountWithEntries>(`${path}?cursor=${next ?? ''}`).then(
      ({ entries }) => {
        setMore((loaded) => [...loaded, entries]);
      },
      (error: unknown) => {
        setFailure(error as Error);
      },
    );
  };
  return html`<${Panel} title="Entries" aside=${html`<${Steps} entries=${items} />`} label="Entries">
    ${
      items.length === 0
        ? html`<${Empty} title="Nothing has moved yet."
            >A deposit is the first entry: <code>POST /api/payments/accounts/deposit</code>.<//
          >`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Entries of the account">
            <table>
              <caption class="visually-hidden">
                Ledger entries, newest first, each with the balance after it
              </caption>
              <thead>
                <tr>
                  <th scope="col" class="number">Version</th>
                  <th scope="col">What</th>
                  <th scope="col" class="number">Amount</th>
                  <th scope="col" class="number">Balance after</th>
                  <th scope="col">Order</th>
                  <th scope="col">When</th>
                </tr>
              </thead>
              <tbody>
                ${items.map(
                  ({ version, kind, amount, balanceAfter, orderId, createdAt }) =>
                    html`<tr key=${version}>
                      <th scope="row" class="number">${count(version)}</th>
                      <td>${kind}</td>
                      <td class="number">${money(amount)}</td>
                      <td class="number">${money(balanceAfter)}</td>
                      <td>
                        ${orderId ? html`<a class="mono nowrap" href=${`/console/orders/${orderId}`}>${orderId}</a>` : html`<span class="muted">–</span>`}
                      </td>
                      <td><${Time} at=${createdAt} /></td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
    ${failure ? html`<${Failure} what="More entries cannot be shown." error=${failure} retry=${loadMore} />` : null}
    ${next ? html`<div class="more"><button onClick=${loadMore}>Show more</button><span class="muted small">${items.length} shown</span></div>` : null}
  <//>`;
}

/** The balance as steps, oldest to newest. For the eye alone: digits of a double are enough for a height. */
function Steps({ entries }: { entries: readonly LedgerEntry[] }): View | null {
  if (entries.length < 3) return null;
  const heights = entries.map(({ balanceAfter }) => Number(balanceAfter)).reverse();
  const top = Math.max(...heights, 1);
  const x = (index: number): string => ((index / heights.length) * 158 + 1).toFixed(1);
  const y = (value: number): string => (26 - (value / top) * 24).toFixed(1);
  const path = heights
    .map(
      (value, index) =>
        `${index === 0 ? `M${x(0)}` : `L${x(index)} ${y(heights[index - 1] ?? 0)}L${x(index)}`} ${y(value)}H${x(index + 1)}`,
    )
    .join('');
  return html`<svg
    class="spark"
    style="width:160px;height:28px"
    viewBox="0 0 160 28"
    role="img"
    aria-label="The balance over the entries shown"
  >
    <path d=${path}></path>
  </svg>`;
}
