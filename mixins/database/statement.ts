import type { Client, QueryResultRow } from 'pg';
import type { Transaction } from 'sequelize';

/** A statement of the hot path. PostgreSQL parses it once on each connection, and keeps it there under its name. */
export interface Statement {
  /** One text, one name; '' when it is not to be kept. */
  readonly name: string;
  readonly text: string;
}

/** What a parameter may be; a list becomes a PostgreSQL array. */
export type Parameter = Scalar | readonly Scalar[];
type Scalar = string | number | bigint | Buffer | null;

/** What Sequelize's transactions hold, and its types do not say. */
type LiveTransaction = Transaction & {
  readonly connection?: Client & { pipeline: boolean };
  readonly finished?: string;
};

/**
 * Runs a prepared statement in a Sequelize transaction, on its connection itself: Sequelize knows none, and its own way
 * there costs more than the statement of a short batch.
 *
 * Statements that are begun without waiting for each other go out together and run in the order in which they were begun:
 * `Promise.all([read(…), read(…)])` is one round trip. When one fails, PostgreSQL refuses those after it.
 *
 * @returns its rows
 * @throws Error when the transaction is over; an error of pg, with its SQLSTATE as `code`
 */
export async function run<Row extends QueryResultRow>(
  transaction: Transaction,
  { name, text }: Statement,
  values: readonly Parameter[],
): Promise<Row[]> {
  const { connection, finished } = transaction as LiveTransaction;
  if (connection === undefined || finished !== undefined) {
    throw new Error(`The transaction is over (${finished ?? 'its connection is gone'}): ${name} was not run.`);
  }
  // Of pg: what is asked is sent at once, and not when the answer before it is there.
  connection.pipeline = true;
  const { rows } = await connection.query<Row>({ name, text: text.trim(), values: values.map(toText) });
  return rows;
}

function toText(value: Parameter): string | Buffer | null {
  if (value === null || typeof value === 'string' || Buffer.isBuffer(value)) return value;
  return isList(value) ? arrayText(value) : String(value);
}

function isList(value: Parameter): value is readonly Scalar[] {
  return Array.isArray(value);
}

/** What an array's element may be without quotes; `null` would be none. */
const PLAIN = /^(?!null$)[\w.:+-]+$/i;

/**
 * An array as PostgreSQL reads it (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO). pg's own takes several
 * times as long, and arrays are most of what a batch sends.
 */
export function arrayText(values: readonly Scalar[]): string {
  return `{${values.map(elementText).join(',')}}`;
}

function elementText(value: Scalar): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return PLAIN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  return Buffer.isBuffer(value) ? `"\\\\x${value.toString('hex')}"` : String(value);
}
