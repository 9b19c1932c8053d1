import type { TObject, TSchema } from '@sinclair/typebox';
import type { ProblemType } from '../../problems/problems.ts';
import type { AnswerHeader, RequestHeader } from './headers.ts';

/** What the OpenAPI document says about an address beyond what its route tells; no route is without it. */

interface Named {
  /** The operation's name in generated clients. */
  readonly operationId: string;
  readonly tag: Tag;
  /** A few words. */
  readonly summary: string;
  /** Sentences, in Markdown. */
  readonly description: string;
  /** What it may answer besides what every address of its kind may. */
  readonly problems: readonly ProblemType[];
}

/** Groups of operations, with what is said about each. */
export const TAGS = {
  Orders: 'Orders: placed by a user, and paid from the account of that user a moment later, or cancelled.',
  Payments: 'Accounts, what is in them, and deposits.',
  Operation: 'How the node is.',
  Documentation: 'This description, and pages about problems.',
} as const;
type Tag = keyof typeof TAGS;

export interface CallDocumentation<Answer = unknown> extends Named {
  /** Of the JSON that is answered. */
  readonly answer: TSchema;
  /** By name, at least one. */
  readonly examples: Readonly<Record<string, CallExample<Answer>>>;
}

export interface Asked {
  readonly summary: string;
  /** The body, or the parameters of path and query, as a client sends it. */
  readonly asked: Readonly<Record<string, unknown>>;
}

export interface CallExample<Answer = unknown> extends Asked {
  /** What the action answers; the route represents it. */
  readonly answer: Answer;
}

/** Of an address that represents no answer of an action. */
interface WithAnswers extends Named {
  readonly requestHeaders?: readonly RequestHeader[];
  /** By HTTP status. */
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
}

export interface StreamDocumentation extends WithAnswers {
  /** By name, at least one. */
  readonly examples: Readonly<Record<string, Asked>>;
}

export interface PageDocumentation extends WithAnswers {
  /** Of the path. */
  readonly parameters?: TObject;
}

export interface DocumentedAnswer {
  readonly description: string;
  /** Without parameters; an answer without one has no body. */
  readonly mediaType?: string | readonly string[];
  /** Of a body that is JSON; any text, if not given. */
  readonly schema?: TSchema;
  readonly example?: unknown;
  readonly headers?: readonly AnswerHeader[];
}

/** What the example asks that stands for a call where one is enough. */
export function firstAsked({ examples }: { readonly examples: Readonly<Record<string, Asked>> }): Asked['asked'] {
  const [first] = Object.values(examples);
  if (first === undefined) throw new Error('A call is documented with an example.');
  return first.asked;
}
