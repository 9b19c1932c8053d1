import { loadConfig } from '../config/config.ts';
import { unknownVariables } from '../config/unknown-variables.ts';
import { migrate, readSchemaState } from '../mixins/database/migrate.ts';
import type { Migration } from '../mixins/database/migration.ts';
import { errorText } from '../problems/error-text.ts';
import { ordersSchema } from '../services/orders/schema.ts';
import { paymentsSchema } from '../services/payments/schema.ts';
import { defineCommand, UsageError } from '../terminal/command.js';
import type { ValuesOf } from '../terminal/command-types.ts';

export const COMMAND = defineCommand({
  name: 'npm run migrate',
  about: `Brings the schemas of the databases up to date. All steps of a database are one transaction under a lock: it may be run
at any time, again, and from several places at once. In a container: "node deploy/migrate.ts".`,
  options: {
    database: { type: 'text', takes: 'NAME', about: 'orders or payments alone, in place of both' },
    status: { type: 'flag', about: 'only says what is applied and what is pending' },
    'dry-run': { type: 'flag', about: "does everything and takes it back: the steps' own locks are held meanwhile" },
  },
  notes: `Variables
  ORDERS_DATABASE_URL, PAYMENTS_DATABASE_URL   where they are (and …_DIRECT_URL where a pooler stands between); with npm run
                                               migrate, without them: those of the cluster that runs here
  MIGRATIONS=off                               has nodes wait for this command in place of doing its work`,
  examples: ['npm run migrate', 'npm run migrate -- --database orders --status', 'npm run migrate -- --dry-run'],
  exitCodes: { 0: 'up to date', 1: 'steps are pending (--status)', 2: 'it could not be done' },
});

const UP_TO_DATE = 0;
const PENDING = 1;
const FAILED = 2;

const SCHEMAS: Readonly<Record<string, readonly Migration[]>> = { orders: ordersSchema, payments: paymentsSchema };

type Mode = 'migrate' | 'status' | 'dry-run';

/** Where a command's lines go. */
export interface Say {
  out(line: string): unknown;
  error(line: string): unknown;
}

/** One line each, as logs have them. */
export const STREAMS: Say = {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
};

/**
 * `npm run migrate`, and what the job of an orchestrator runs.
 *
 * @returns the exit code
 * @throws UsageError, ConfigError with a sentence
 */
export async function migrateDatabases(
  { database, status, 'dry-run': isRehearsal }: ValuesOf<typeof COMMAND.options>,
  env: Readonly<Record<string, string | undefined>>,
  say: Say,
): Promise<number> {
  if (database !== undefined && !(database in SCHEMAS)) {
    throw new UsageError(`There is no database ${database}; there are orders and payments.`);
  }
  if (status && isRehearsal) throw new UsageError('--status and --dry-run exclude each other.');
  const mode = status ? 'status' : isRehearsal ? 'dry-run' : 'migrate';
  const config = loadConfig(env);
  for (const warning of unknownVariables(env)) say.error(warning);
  let code = UP_TO_DATE;
  // The other one is still brought up to date when one of them cannot be.
  for (const name of ['orders', 'payments'] as const) {
    if (name !== (database ?? name)) continue;
    code = Math.max(code, await migrateOne(name, config[name].directUrl, mode, say));
  }
  return code;
}

async function migrateOne(name: string, url: string, mode: Mode, say: Say): Promise<number> {
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
