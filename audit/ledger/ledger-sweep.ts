import type { Query } from '../snapshots.ts';
import { RangeSize } from '../range-size.ts';
import type { Sweep } from '../sweep.ts';
import { judgeAccount, type AccountFacts } from './judge-account.ts';
import {
  ACCOUNT_RANGE_END,
  ACCOUNTS_FROM_BASE,
  ACCOUNTS_OF_RANGE,
  CHANGED_ACCOUNTS,
  PIECE_OF_ACCOUNT,
  RANGE_END,
} from './ledger.sql.ts';

/** Up to where an account's history is known to be good. */
interface Base {
  readonly userId: string;
  readonly version: number;
  readonly balance: bigint;
}

interface RangeAnswer {
  readonly accounts: string;
  readonly entries: string;
  readonly balances: string;
  readonly wrong: readonly FactsRow[];
}

/** Amounts as text. */
type FactsRow = Omit<AccountFacts, 'balance' | 'total'> & { readonly balance: string | null; readonly total: string };

/** No user id lies between one and its successor: PostgreSQL's texts hold no character zero. */
const SUCCESSOR = '\u0001';

/**
 * I1, I2, I9 within the payments database: every account against its own entries.
 *
 * An account and the last of its entries are read in one snapshot, and an entry never changes, so that deposits and
 * payments that come in meanwhile are seen with both of their halves or not at all. That is enough for the total: no
 * movement concerns two accounts, so a sum over accounts that are each right is right in every snapshot.
 */
export async function sweepLedger(sweep: Sweep): Promise<void> {
  const size = new RangeSize();
  for (let from: string | null = ''; from !== null;) {
    const first: string = from;
    const { upto, answer } = await sweep.payments.read(async (query) => {
      const [end] = await query<{ upto: string | null }>(RANGE_END, [first, size.rows]);
      const before = end?.upto ?? null;
      // One account alone has more entries than a range.
      if (before === first) return { upto: before, answer: null };
      return { upto: before, answer: (await query<RangeAnswer>(ACCOUNTS_OF_RANGE, [first, before]))[0] };
    });
    size.observe(sweep.payments.latestMs);
    if (answer === null) {
      await sweepAccount(sweep, { userId: first, version: 0, balance: 0n }, size);
      from = first + SUCCESSOR;
    } else {
      note(sweep, answer);
      from = upto;
    }
  }
}

/**
 * The same of the accounts that changed since a time: their entries since then, on top of the newest older one, which
 * the audit before this one has looked at.
 *
 * @param since as an ISO text
 */
export async function sweepChangedAccounts(sweep: Sweep, since: string): Promise<void> {
  const size = new RangeSize();
  for (let from: string | null = ''; from !== null;) {
    const first: string = from;
    const { upto, changed } = await sweep.payments.read(async (query) => {
      const [end] = await query<{ upto: string | null }>(ACCOUNT_RANGE_END, [first, size.rows]);
      const before = end?.upto ?? null;
      return { upto: before, changed: await readChanged(query, first, before, since, size.rows) };
    });
    size.observe(sweep.payments.latestMs);
    const small = changed.filter(({ entries }) => entries <= size.rows);
    for (const group of groupsOf(small, size.rows)) {
      const [answer] = await sweep.payments.query<RangeAnswer>(ACCOUNTS_FROM_BASE, [
        group.map(({ base }) => base.userId),
        group.map(({ base }) => base.version),
        group.map(({ base }) => base.balance.toString()),
      ]);
      note(sweep, answer);
    }
    for (const { base, entries } of changed) {
      if (entries > size.rows) await sweepAccount(sweep, base, size);
    }
    from = upto;
  }
}

async function readChanged(query: Query, from: string, before: string | null, since: string, rows: number) {
  const changed = await query<{
    user_id: string;
    version: number;
    base_version: number | null;
    base_balance: string | null;
  }>(CHANGED_ACCOUNTS, [from, before, since, rows]);
  return changed.map((row) => {
    const base: Base = {
      userId: row.user_id,
      version: row.base_version ?? 0,
      balance: BigInt(row.base_balance ?? '0'),
    };
    return { base, entries: row.version - base.version };
  });
}

/** Groups whose entries together are about a range. */
function groupsOf<T extends { readonly entries: number }>(all: readonly T[], rows: number): T[][] {
  const groups: T[][] = [];
  let room = 0;
  for (const one of all) {
    if (one.entries > room || groups.length === 0) {
      groups.push([]);
      room = rows;
    }
    groups.at(-1)?.push(one);
    room -= one.entries;
  }
  return groups;
}

/** An account with many entries, piece by piece: the last piece and the account are one snapshot. */
async function sweepAccount(sweep: Sweep, base: Base, size: RangeSize): Promise<void> {
  let facts: AccountFacts = {
    userId: base.userId,
    balance: null,
    version: null,
    entries: 0,
    total: base.balance,
    lastVersion: base.version,
    gapAt: null,
    driftAt: null,
    negativeAt: null,
    oddAt: null,
  };
  let balance = base.balance.toString();
  for (let isLast = false; !isLast;) {
    const rows = size.rows;
    const [piece] = await sweep.payments.query<PieceRow>(PIECE_OF_ACCOUNT, [
      base.userId,
      facts.lastVersion,
      balance,
      rows,
    ]);
    if (piece === undefined) throw new Error('An aggregate has a row.');
    size.observe(sweep.payments.latestMs);
    facts = joinPiece(facts, piece);
    balance = piece.last_balance ?? balance;
    isLast = Number(piece.entries) < rows;
    sweep.counts.add('ledger entries', piece.entries);
    sweep.onRows('ledger', Number(piece.entries));
  }
  sweep.counts.add('accounts', 1);
  sweep.counts.add('balances in minor units', facts.balance ?? 0n);
  sweep.findings.addAll(judgeAccount(facts));
}

interface PieceRow {
  readonly balance: string | null;
  readonly version: number | null;
  readonly last_balance: string | null;
  readonly entries: string;
  readonly total: string | null;
  readonly last_version: number | null;
  readonly gap_at: number | null;
  readonly drift_at: number | null;
  readonly negative_at: number | null;
  readonly odd_at: number | null;
}

function joinPiece(before: AccountFacts, piece: PieceRow): AccountFacts {
  return {
    userId: before.userId,
    balance: piece.balance === null ? null : BigInt(piece.balance),
    version: piece.version,
    entries: before.entries + Number(piece.entries),
    total: before.total + BigInt(piece.total ?? '0'),
    lastVersion: piece.last_version ?? before.lastVersion,
    gapAt: before.gapAt ?? piece.gap_at,
    driftAt: before.driftAt ?? piece.drift_at,
    negativeAt: before.negativeAt ?? piece.negative_at,
    oddAt: before.oddAt ?? piece.odd_at,
  };
}

function note({ counts, findings, onRows }: Sweep, answer: RangeAnswer | undefined): void {
  if (answer === undefined) throw new Error('An aggregate has a row.');
  counts.add('accounts', answer.accounts);
  counts.add('ledger entries', answer.entries);
  counts.add('balances in minor units', answer.balances);
  onRows('ledger', Number(answer.accounts) + Number(answer.entries));
  for (const { balance, total, ...row } of answer.wrong) {
    findings.addAll(judgeAccount({ ...row, balance: balance === null ? null : BigInt(balance), total: BigInt(total) }));
  }
}
