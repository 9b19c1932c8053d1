/** One input: bytes for one of the doors, and what the contract says about them. */

export const DOORS = ['api', 'orders', 'payments'] as const;
export type Door = (typeof DOORS)[number];

export interface FuzzCase {
  /** As in the contract: `POST /api/orders`. */
  readonly endpoint: string;
  readonly door: Door;
  readonly request: WireRequest;
  readonly expected: Expected;
}

export interface WireRequest {
  readonly bytes: Buffer;
  readonly method: string;
  /** Of the target, as it is sent. */
  readonly path: string;
  /** A well-formed one, which has to come back; null when none was sent or it is to be replaced. */
  readonly requestId: string | null;
  /** Sent on a connection of its own whose sending side is closed after it: bytes that may be no whole request. */
  readonly alone: boolean;
}

/** `ok`, or the type of a problem. */
export type Outcome = string;

export interface Expected {
  /** Any of these; several where several things are wrong, or the outcome depends on what else happened. */
  readonly outcomes: readonly Outcome[];
  /** For `invalid-input`: any of these sets of pointers, exactly. */
  readonly pointers: readonly (readonly string[])[];
  /** Status when it is `ok`. */
  readonly status: number;
  /** Compares an answer that is `ok` with what was sent. @returns what is wrong with it */
  readonly check: (answer: OkAnswer) => readonly string[];
}

export interface OkAnswer {
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** JSON, its numbers as `NumberText`; null when the body is none. */
  readonly json: unknown;
}

/** Whether the contract lets this input change anything. */
export function mayChange({ request, expected }: FuzzCase): boolean {
  return request.method === 'POST' && expected.outcomes.includes('ok');
}

const SHOWN_BYTES = 2000;

/** For a report: the request as it went out, with what is no printable ASCII escaped. */
export function showRequest({ bytes }: WireRequest): string {
  const text = bytes.subarray(0, SHOWN_BYTES).toString('latin1');
  const shown = JSON.stringify(text).replace(/[\x7f-\xff]/g, (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`);
  return bytes.length > SHOWN_BYTES ? `${shown} and ${bytes.length - SHOWN_BYTES} bytes more` : shown;
}
