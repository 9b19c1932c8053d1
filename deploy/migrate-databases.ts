import { parseArgs } from 'node:util';
import { ConfigError, loadConfig } from '../config/config.ts';
import { unknownVariables } from '../config/unknown-variables.ts';
import { migrate, readSchemaState } from '../mixins/database/migrate.ts';
import type { Migration } from '../mixins/database/migration.ts';
import { errorText } from '../problems/error-text.ts';
import { ordersSchema } from '../services/orders/schema.ts';
import { paymentsSchema } from '../services/payments/schema.ts';

const HELP = `npm run migrate [-- [orders] [payments] [options]]
node deploy/migrate.ts [orders] [payments] [options]      in a container

  Brings the schemas of the databases up to date; both, unless one is named. All steps of a database are one
  transaction under a lock: it may be run at any time, again, and from several places at once.

  --status    only says what is applied and what is pending
  --dry-run   does everything and takes it back: the steps' own locks are held meanwhile
  --help      show this

  ORDERS_DATABASE_URL, PAYMENTS_DATABASE_URL  where they are (and …_DIRECT_URL where a pooler stands between);
                                              with npm run migrate, without them: those of the cluster that runs here
  MIGRATIONS=off                              has nodes wait for this command in place of doing its work

  Exit code: 0 up to date, 1 steps are pending (--status), 2 it could not be done.`;

const UP_TO_DATE = 0;
const PENDING = 1;
const FAILED = 2;

const SCHEMAS: Readonly<Record<string, readonly Migration[]>> = { orders: ordersSchema, payments: paymentsSchema };

interface Options {
  readonly databases: readonly ('orders' | 'payments')[];
  readonly mode: 'migrate' | 'status' | 'dry-run';
}

/** A wish that cannot be read; its message is a sentence. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Where a command's lines go. */
export interface Say {
  out(line: string): void;
  error(line: string): void;
}

/**
 * `npm run migrate`, and what the job of an orchestrator runs.
 *
 * @param args the command line, without the program
 * @returns the exit code
 */
export async function migrateDatabases(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  say: Say,
): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === null) {
      say.out(HELP);
      return UP_TO_DATE;
    }
    const config = loadConfig(env);
    for (const warning of unknownVariables(env)) say.error(warning);
    let code = UP_TO_DATE;
    // The other one is still brought up to date when one of them cannot be.
    for (const name of options.databases) {
      code = Math.max(code, await migrateOne(name, config[name].directUrl, options.mode, say));
    }
    return code;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
    say.error(error.message);
    return FAILED;
  }
}

function readOptions(args: readonly string[]): Options | null {
  const options = {
    status: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }));
  if (values.help) return null;
  const unknown = positionals.find((name) => !(name in SCHEMAS));
  if (unknown !== undefined) throw new UsageError(`There is no database ${unknown}; there are orders and payments.`);
  if (values.status && values['dry-run']) throw new UsageError('--status and --dry-run exclude each other.');
  const databases = (['orders', 'payments'] as const).filter(
    (name) => positionals.length === 0 || positionals.includes(name),
  );
  return { databases, mode: values.status ? 'status' : values['dry-run'] ? 'dry-run' : 'migrate' };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('.')[0] ?? ''}: --help shows what there is.`);
  }
}

async function migrateOne(name: string, url: string, mode: Options['mode'], say: Say): Promise<number> {
  const schema = SCHEMAS[name] ?? [];
  try {
    if (mode === 'status') return await showStatus(name, url, schema, say);
    const applied = await migrate(url, schema, mode === 'dry-run');
    for (const step of applied) say.out(`${name}: ${step} ${mode === 'dry-run' ? 'would be applied' : 'applied'}`);
    if (applied.length === 0) say.out(`${name}: up to date, nothing to do`);
    else if (mode === 'dry-run') say.out(`${name}: ${applied.length} tried and taken back; nothing has changed`);
    else say.out(`${name}: up to date`);
    return UP_TO_DATE;
  } catch (error) {
    say.error(`${name}: ${errorText(error)}. Its schema is as it was.`);
    return FAILED;
  }
}

async function showStatus(name: string, url: string, schema: readonly Migration[], say: Say): Promise<number> {
  const { applied, pending, unknown } = await readSchemaState(url, schema);
  for (const { name: step, at } of applied) {
    const note = unknown.includes(step) ? ', and unknown here: by a newer version' : '';
    say.out(`${name}: ${step} applied ${at.toISOString()}${note}`);
  }
  for (const step of pending) say.out(`${name}: ${step} pending`);
  say.out(`${name}: ${pending.length === 0 ? 'up to date' : `${pending.length} pending`}`);
  return pending.length === 0 ? UP_TO_DATE : PENDING;
}
