import { isProblem } from '../problems/problems.ts';
import { safeText } from './safe-text.ts';

/** An error as a line has it: what it is and where, never what it was about. */
export interface DescribedError {
  readonly type: string;
  readonly message: string;
  /** SQLSTATE, Node's or the catalogue's. */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;
const MAX_CAUSES = 5;

/** What drivers hang on an error. */
type Detail = 'code' | 'constraint' | 'table' | 'original';

/**
 * Describes an error for the log. Of all that drivers hang on their errors (statements, parameters, the row that was in
 * the way) only names come along: the rest is somebody's data. By shape, not by class: errors cross realms.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!isErrorLike(error)) return { type: typeof error, message: safeText(String(error)) };
  const { name, stack, cause } = error;
  const { code, constraint, table, original } = error as { readonly [Name in Detail]?: unknown };
  const isOfDatabase = typeof code === 'string' && SQLSTATE.test(code);
  const said = saidBy(error, isOfDatabase && /^2[23]/.test(code) ? namesOf({ constraint, table }) : null);
  const inner = cause ?? original;
  return {
    type: name,
    message: said,
    ...(typeof code === 'string' && { code }),
    ...(stack !== undefined && { stack: framesOf(stack) }),
    ...(isErrorLike(inner) && depth < MAX_CAUSES && { cause: describeError(inner, depth + 1) }),
  };
}

/** @param refused names of what the database's refusal concerns; null when it is none */
function saidBy(error: Error, refused: string | null): string {
  if (refused !== null) return `the database refused it${refused}`;
  // Its sentence is for who sent the request, and names what they sent.
  if (isProblem(error)) return `the problem ${error.type}`;
  return safeText(error.message);
}

/** Without its first lines, which are the message. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join('\n');
}

function namesOf(names: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(names).flatMap(([kind, name]) => (typeof name === 'string' ? `${kind} ${name}` : []));
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

export function isErrorLike(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
