import { defineCommand, readArguments, UsageError } from '../terminal/command.js';

/** What `npm run shop` was asked to do. */
export interface ShopOptions {
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

export const COMMAND = defineCommand({
  name: 'npm run shop',
  about: `Plays a day of a shop on the running system: customers open accounts, pay in and order, through the gateway.
Then checks through SQL that answers, orders, payments, ledger and balances agree to the last unit.`,
  options: {
    users: {
      type: 'whole',
      about: 'customers: some without an account, some short of money, some rich',
      min: USERS_MIN,
      max: USERS_MAX,
      default: 1000,
    },
    orders: {
      type: 'whole',
      about: 'orders of the day; about one deposit for every eight of them comes in between',
      min: ORDERS_MIN,
      max: ORDERS_MAX,
      default: 10_000,
    },
    'in-flight': {
      type: 'whole',
      about: 'posts that wait for their answer at any time',
      min: 1,
      max: IN_FLIGHT_MAX,
      default: 64,
    },
    seed: {
      type: 'whole',
      about: 'the same number plays the same day; without it, another one each time',
      min: 0,
      max: SEED_MAX,
    },
    api: { type: 'text', takes: 'URL', about: "another gateway than the running system's" },
  },
  notes: `Without "npm start" on this machine, API_PORT, ORDERS_DATABASE_URL and PAYMENTS_DATABASE_URL say where the system is.`,
  examples: ['npm run shop', 'npm run shop -- --orders 1000 --seed 7', 'npm run shop -- --api http://localhost:8080'],
  exitCodes: {
    0: 'everything was as promised',
    1: 'a failed answer, one slower than 5 s, an order not final after 30 s, a contradiction; or it could not be played',
  },
});

/**
 * Reads the command line.
 *
 * @throws UsageError with one sentence on what cannot be used
 */
export function readShopOptions(args: readonly string[]): ShopOptions {
  const { 'in-flight': inFlight, seed, api, ...values } = readArguments(COMMAND, args);
  return {
    ...values,
    inFlight,
    seed: seed ?? Math.floor(Math.random() * SEED_MAX),
    api: api === undefined ? undefined : gateway(api),
  };
}

function gateway(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') {
    throw new UsageError(`--api is "${text}"; it has to be a URL such as http://localhost:8080.`);
  }
  return url.origin;
}
