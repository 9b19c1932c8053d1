import type { ServiceBroker } from 'moleculer';
import type { Account, LedgerEntry, Page } from '../contract/outputs.ts';
import { minorUnitsFromString } from '../money/money.ts';
import type { ReplCommand } from './command.ts';
import { table } from './print-table.ts';

const SHOWN = 10;
const PAGE = 200;
/** Beyond it the sum is left to the audit. */
const MAX_ENTRIES = 20_000;

/** `account <userId>`: what is in it, what moved last, and whether that adds up. */
export const account: ReplCommand = {
  name: 'account',
  description: 'an account: balance, version, last entries, and whether its entries add up',
  usage: ['<user id> [--json]'],
  options: { json: { description: 'one JSON document, for a machine' } },
  async run({ broker, words, switches, print }) {
    const [userId, ...more] = words;
    if (userId === undefined || more.length > 0) throw new Error('Which account? account <user id>.');
    const entries = await readEntries(broker, userId);
    // After the entries: what was booked meanwhile is looked for again.
    const found = await broker.call<Account, object>('payments.balance', { userId });
    const newer = (await readPage(broker, userId, null)).items.filter(
      ({ version }) => version > (entries[0]?.version ?? 0),
    );
    const all = [...newer, ...entries].filter(({ version }) => version <= found.version);
    const sum = judge(found, all);
    const last = all.slice(0, SHOWN);
    if (switches.has('json')) {
      print(JSON.stringify({ account: found, entries: last, sum }));
      return;
    }
    print(`Account ${found.userId}: ${found.balance}, version ${found.version}, opened ${found.createdAt}`);
    if (last.length > 0) {
      print(
        table(
          ['version', 'booked (UTC)', 'kind', 'amount', 'balance after', 'order'],
          last.map((each) => [
            String(each.version),
            each.createdAt,
            each.kind,
            each.amount,
            each.balanceAfter,
            each.orderId ?? '-',
          ]),
        ),
      );
    }
    print(sum.text);
  },
};

function readPage(broker: ServiceBroker, userId: string, cursor: string | null): Promise<Page<LedgerEntry>> {
  return broker.call<Page<LedgerEntry>, object>('payments.entries', { userId, limit: PAGE, ...(cursor && { cursor }) });
}

async function readEntries(broker: ServiceBroker, userId: string): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<LedgerEntry> = await readPage(broker, userId, cursor);
    entries.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && entries.length < MAX_ENTRIES);
  return entries;
}

interface Sum {
  /** Null: there are too many entries to add up here. */
  readonly holds: boolean | null;
  readonly text: string;
}

/** @param entries newest first */
export function judge(
  { balance, version }: Pick<Account, 'balance' | 'version'>,
  entries: readonly LedgerEntry[],
): Sum {
  let after = cents(balance);
  let expected = version;
  for (const entry of entries) {
    if (entry.version !== expected || cents(entry.balanceAfter) !== after) {
      return { holds: false, text: `WRONG: entry ${entry.version} does not lead to what follows it. Run audit.` };
    }
    after -= cents(entry.amount);
    expected--;
  }
  if (expected > 0 && entries.length >= MAX_ENTRIES) {
    return { holds: null, text: `The last ${entries.length} entries lead to the balance; audit adds up the rest.` };
  }
  return expected === 0 && after === 0n
    ? { holds: true, text: `The ${entries.length} entries add up to the balance.` }
    : { holds: false, text: `WRONG: ${entries.length} entries do not add up to the balance. Run audit.` };
}

/** Amounts of payments are negative. */
function cents(decimal: string): bigint {
  const isNegative = decimal.startsWith('-');
  const units = minorUnitsFromString(isNegative ? decimal.slice(1) : decimal) ?? 0n;
  return isNegative ? -units : units;
}
