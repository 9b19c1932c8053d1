import type { Expected, Outcome, WireRequest } from './fuzz-case.ts';
import type { Sending } from './generators/bodies.ts';
import type { RequestIdHeader } from './generators/headers.ts';
import type { Choice } from './generators/slots.ts';

/** Puts a request's parts together as bytes, and what the contract says about each as one expectation. */

type HeaderLines = readonly (readonly [string, string])[];

export interface Head {
  readonly method: string;
  readonly origin: string;
  /** As it is sent. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  readonly version: Choice<readonly string[]>;
  readonly accept: Choice<HeaderLines>;
  readonly requestId: RequestIdHeader;
  readonly idle: HeaderLines;
}

export interface Body {
  readonly contentType: Choice<HeaderLines>;
  readonly sending: Choice<Sending>;
  /** Bytes a chunk; null: with a Content-Length. */
  readonly chunkBytes: number | null;
  /** Before encoding. */
  readonly content: Buffer;
  /** As it is sent. */
  readonly encoded: Buffer;
}

const MAX_BODY_BYTES = 16_384;

export function wireRequest(head: Head, more: HeaderLines, body: Body | null): WireRequest {
  const [protocol = '', ...versionLines] = head.version.value;
  const encoded = body?.encoded;
  const lines = [
    `${head.method} ${head.origin}${head.path}${head.query} ${protocol}`,
    ...versionLines,
    ...[...head.accept.value, ...head.requestId.lines, ...head.idle, ...more].map(headerLine),
    ...(body === null ? [] : [...body.contentType.value, ...body.sending.value.headers].map(headerLine)),
    ...(body === null || encoded === undefined ? [] : [framing(encoded, body.chunkBytes)]),
  ];
  const headBytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return {
    bytes: encoded === undefined ? headBytes : Buffer.concat([headBytes, framed(encoded, body?.chunkBytes ?? null)]),
    method: head.method,
    path: head.path,
    requestId: head.requestId.kept,
    // Whatever a door does with a version that is none of its own, the connection is not used again.
    alone: protocol === 'HTTP/2.0',
  };
}

function headerLine([name, value]: readonly [string, string]): string {
  return `${name}: ${value}`;
}

function framing(encoded: Buffer, chunkBytes: number | null): string {
  return chunkBytes === null ? `Content-Length: ${encoded.length}` : 'Transfer-Encoding: chunked';
}

function framed(encoded: Buffer, chunkBytes: number | null): Buffer {
  if (chunkBytes === null) return encoded;
  const parts: Buffer[] = [];
  for (let start = 0; start < encoded.length; start += chunkBytes) {
    const chunk = encoded.subarray(start, start + chunkBytes);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

export interface Judgement {
  /** Of the head, the framing, the text of the body: all that is wrong before its fields are. */
  readonly refusals: readonly Outcome[];
  /** Sets of bad fields, one of which is named; empty when none is bad. */
  readonly pointers: readonly (readonly string[])[];
  /** What becomes of it when nothing is wrong. */
  readonly outcomes: readonly Outcome[];
}

/** The contract does not say what is judged first: of several things that are wrong, any may be named. */
export function expectation(judgement: Judgement, ok: Pick<Expected, 'status' | 'check'>): Expected {
  const { refusals, pointers, outcomes } = judgement;
  const wrong = [...refusals, ...(pointers.length > 0 ? ['invalid-input'] : [])];
  return { outcomes: wrong.length > 0 ? wrong : outcomes, pointers, ...ok };
}

export function refusalsOfHead(head: Head): Outcome[] {
  return [...head.version.refusals, ...head.accept.refusals];
}

/** Also what follows from sizes: however it came about. */
export function refusalsOfBody(body: Body): Outcome[] {
  const isTooLarge = body.content.length > MAX_BODY_BYTES || body.encoded.length > MAX_BODY_BYTES;
  return [
    ...body.contentType.refusals,
    ...body.sending.refusals,
    ...(isTooLarge ? ['content-too-large'] : []),
    ...(body.content.length === 0 ? ['malformed-json'] : []),
  ];
}
