import { parseArgs } from 'node:util';

/** What `npm run shop` was asked to do. */
export interface ShopOptions {
  readonly help: boolean;
  readonly users: number;
  readonly orders: number;
  readonly inFlight: number;
  readonly seed: number;
  /** Another gateway than the running system's. */
  readonly api: string | undefined;
}

/** Something that whoever runs the shop can put right: one sentence for them, shown without a stack. */
export class ShopError extends Error {
  override readonly name = 'ShopError';
}

/** With fewer, not every kind of customer would come. */
const USERS_MIN = 10;
const ORDERS_MIN = 20;
/** Beyond these, the answers would not fit into this process. */
const USERS_MAX = 100_000;
const ORDERS_MAX = 1_000_000;
/** As many connections as one client reasonably holds. */
const IN_FLIGHT_MAX = 1024;
const SEED_MAX = 2 ** 32 - 1;

export const HELP = `npm run shop [-- options]

  Plays a day of a shop on the running system: customers open accounts, pay in and order, through the gateway.
  Then checks through SQL that answers, orders, payments, ledger and balances agree to the last unit.

  --users 1000      customers: some without an account, some short of money, some rich
  --orders 10000    orders of the day; about one deposit for every eight of them comes in between
  --in-flight 64    posts that wait for their answer at any time
  --seed N          the same number plays the same day
  --api URL         another gateway than the running system's, for example http://localhost:8080
  --help            show this

  Without "npm start" on this machine, API_PORT, ORDERS_DATABASE_URL and PAYMENTS_DATABASE_URL say where the system is.
  Exit code 1: a failed answer, one slower than 5 s, an order not final after 30 s, or a contradiction.`;

/**
 * Reads the command line.
 *
 * @throws ShopError with one sentence on what cannot be used
 */
export function readShopOptions(args: readonly string[]): ShopOptions {
  const values = readArguments(args);
  return {
    help: values.help ?? false,
    users: wholeNumber('users', values.users ?? '1000', USERS_MIN, USERS_MAX),
    orders: wholeNumber('orders', values.orders ?? '10000', ORDERS_MIN, ORDERS_MAX),
    inFlight: wholeNumber('in-flight', values['in-flight'] ?? '64', 1, IN_FLIGHT_MAX),
    seed: wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * SEED_MAX)), 0, SEED_MAX),
    api: values.api === undefined ? undefined : gateway(values.api),
  };
}

function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        users: { type: 'string' },
        orders: { type: 'string' },
        'in-flight': { type: 'string' },
        seed: { type: 'string' },
        api: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new ShopError(
      `${(error as Error).message.split('.')[0] ?? ''}: "npm run shop -- --help" shows what there is.`,
    );
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw new ShopError(`--${name} is "${text}"; it has to be a whole number from ${min} to ${max}.`);
  }
  return number;
}

function gateway(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') {
    throw new ShopError(`--api is "${text}"; it has to be a URL such as http://localhost:8080.`);
  }
  return url.origin;
}
