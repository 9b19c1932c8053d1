import type { Post } from '../../shop/day.ts';
import type { SeededRandom } from '../../shop/random.ts';
import {
  newAccount,
  TERNARY_DEPOSIT,
  TERNARY_ORDERS,
  type AccountHistory,
  type AccountKind,
  type Write,
} from '../history/account-history.ts';

/** Accounts that order at any time. */
const TERNARY_ACCOUNTS = 1000;
const OTHERS: Readonly<Record<Exclude<AccountKind, 'ternary'>, number>> = {
  hot: 6,
  poor: 40,
  latecomer: 20,
  stranger: 20,
};
/** Of 100 orders, how many are placed by whom; the rest is ternary. */
const ORDERS_PERCENT = { hot: 15, poor: 6, latecomer: 3, stranger: 3 } as const;
/** A latecomer's account is opened after so many orders. */
const LATE_AFTER_ORDERS = 4;
/** Minor units; beyond what a hot account spends in a day. */
const HOT_DEPOSIT = 400_000_000_000_000n;
const DEPOSIT_MAX = 50_000;
const POOR_DEPOSIT_MAX = 500;
const ORDER_MAX = 1000;

/** Who comes, and what they ask for next: by seed, and by what has been answered. */
export class Population {
  readonly accounts: AccountHistory[];
  readonly #random: SeededRandom;
  readonly #prefix: string;
  /** Those who order now; a ternary account leaves when it has ordered each power of three. */
  readonly #active: Record<AccountKind, AccountHistory[]> = {
    ternary: [],
    hot: [],
    poor: [],
    latecomer: [],
    stranger: [],
  };
  /** Accounts that have been made and not been asked for. */
  readonly #toPrepare: AccountHistory[] = [];
  #keys = 0;

  /** @param prefix of user ids and keys: letters, digits and dashes, of this run alone */
  constructor(random: SeededRandom, prefix: string, accounts: AccountHistory[]) {
    this.#random = random;
    this.#prefix = prefix;
    this.accounts = accounts;
    const others = Object.entries(OTHERS) as [AccountKind, number][];
    for (const [kind, count] of others) for (let each = 0; each < count; each++) this.#add(kind);
    for (let each = 0; each < TERNARY_ACCOUNTS; each++) this.#add('ternary');
  }

  /** Every account that is to have money before the campaign begins has it. */
  get isReady(): boolean {
    return this.#toPrepare.length === 0 && this.#active.ternary.every(({ hasMoney }) => hasMoney);
  }

  /** The next account to be opened, if any waits for it; a rival asks for the same one under another key. */
  nextOpening(): AccountHistory | undefined {
    return this.#toPrepare.shift();
  }

  openingOf(account: AccountHistory): Write {
    return this.#write(account, { call: 'open', userId: account.userId });
  }

  /** What makes an account able to order, when it has been opened. */
  firstDeposit(account: AccountHistory): Write | undefined {
    switch (account.kind) {
      case 'ternary':
        return this.#deposit(account, TERNARY_DEPOSIT);
      case 'hot':
        return this.#deposit(account, HOT_DEPOSIT);
      case 'poor':
      case 'latecomer':
        return this.#deposit(account, this.#random.minorUnits(1, POOR_DEPOSIT_MAX));
      case 'stranger':
        return undefined;
    }
  }

  /** A deposit on some account that is open, or, seldom, on one that never is. */
  someDeposit(): Write | undefined {
    const account = this.#someone();
    if (account === undefined || (!account.isOpen && account.kind !== 'stranger')) return undefined;
    const max = account.kind === 'poor' ? POOR_DEPOSIT_MAX : DEPOSIT_MAX;
    return this.#deposit(account, this.#random.minorUnits(1, max));
  }

  /** An order; for a ternary account, of its next power of three. */
  someOrder(): Write | undefined {
    const account = this.#someone();
    if (account === undefined) return undefined;
    if (account.kind === 'ternary') return this.#ternaryOrder(account);
    if (account.kind === 'hot' && !account.hasMoney) return undefined;
    if (account.kind === 'latecomer' && account.writes.length === LATE_AFTER_ORDERS) return this.openingOf(account);
    return this.#order(account, this.#random.minorUnits(1, ORDER_MAX), null);
  }

  #ternaryOrder(account: AccountHistory): Write | undefined {
    // With all its money first: then each of its orders has to be paid.
    if (!account.hasMoney) return undefined;
    const digit = account.digits;
    account.digits += 1;
    if (account.digits === TERNARY_ORDERS) {
      const { ternary } = this.#active;
      ternary.splice(ternary.indexOf(account), 1);
      this.#add('ternary');
    }
    return this.#order(account, 3n ** BigInt(digit), digit);
  }

  #someone(): AccountHistory | undefined {
    let roll = this.#random.below(100);
    for (const [kind, percent] of Object.entries(ORDERS_PERCENT) as [AccountKind, number][]) {
      if (roll < percent) return this.#random.pick(this.#active[kind]);
      roll -= percent;
    }
    return this.#random.pick(this.#active.ternary);
  }

  #add(kind: AccountKind): void {
    const account = newAccount(`${this.#prefix}-${kind}-${this.accounts.length}`, kind);
    this.accounts.push(account);
    this.#active[kind].push(account);
    if (kind !== 'stranger' && kind !== 'latecomer') this.#toPrepare.push(account);
  }

  #deposit(account: AccountHistory, amount: bigint): Write {
    return this.#write(account, { call: 'deposit', userId: account.userId, amount });
  }

  #order(account: AccountHistory, amount: bigint, digit: number | null): Write {
    const description = `order ${account.writes.length} of ${account.userId}`;
    return this.#write(account, { call: 'order', userId: account.userId, amount, description }, digit);
  }

  #write(account: AccountHistory, post: Post, digit: number | null = null): Write {
    this.#keys += 1;
    const key = `${this.#prefix}-${this.#keys}`;
    return { post, key, account, digit, outcome: 'unknown', first: null, attempts: 0, firstSentAtMs: Date.now() };
  }
}
