import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { problem } from '../problems/problems.ts';
import { parseJsonObject } from './parse-json.ts';

/** As sent, and again after inflating. The longest honest body, a description of 1000 escaped characters, has 12 kB. */
const MAX_BODY_BYTES = 16_384;

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/**
 * Reads the JSON object in a request's body from its raw bytes (ADR 0005).
 *
 * @param request a request whose body nobody has read
 * @returns the object, its numbers as `JsonNumber`
 * @throws the problem `malformed-json`, `malformed-request`, `content-too-large` or `unsupported-media-type`; `ClientGone`
 */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const declaredBytes = Number(request.headers['content-length'] ?? 0);
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  if (declaredBytes === 0 && !isChunked) throw noBody();
  assertJson(request.headersDistinct['content-type']);
  const encoding = readContentEncoding(request.headers['content-encoding']);
  if (declaredBytes > MAX_BODY_BYTES) throw tooLarge();

  const sent = await readBytes(request);
  if (sent.length === 0) throw noBody();
  return parseJsonObject(decodeUtf8(encoding === 'gzip' ? inflate(sent) : sent));
}

function noBody(): Error {
  return problem('malformed-json', 'The request has no body; send a JSON object.');
}

function tooLarge(): Error {
  return problem('content-too-large', `A body has at most ${MAX_BODY_BYTES} bytes, also after inflating. Send less.`);
}

/** Of several Node's `headers` would keep the first. */
function assertJson(contentTypes: readonly string[] | undefined): void {
  const [mediaType = '', ...parameters] = (contentTypes ?? [])
    .join(', ')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((parameter) => parameter.startsWith('charset='));
  if (mediaType !== 'application/json' || charsets.some((charset) => !/^charset="?utf-8"?$/.test(charset))) {
    throw problem('unsupported-media-type', 'Send the body as Content-Type: application/json, in UTF-8.');
  }
}

function readContentEncoding(contentEncoding: string | undefined): 'gzip' | 'identity' {
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return 'identity';
  if (encoding === 'gzip' || encoding === 'x-gzip') return 'gzip';
  throw problem('unsupported-media-type', 'Send the body as it is, or with Content-Encoding: gzip.');
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_BODY_BYTES) {
        request.off('data', onData);
        reject(tooLarge());
      }
    };
    request.on('data', onData);
    request.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    // Also when the connection closes early: Node makes that an error of the request.
    request.once('error', () => {
      reject(new ClientGone());
    });
  });
}

function inflate(bytes: Buffer): Buffer {
  try {
    // At most 16 kB in and out: microseconds, less than a turn through the thread pool.
    return gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw problem(
      'malformed-request',
      'The body does not decode by its Content-Encoding, gzip. Compress it again, or send it as it is without that header.',
    );
  }
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw problem('malformed-json', 'The body is not valid UTF-8. Encode the JSON in UTF-8.');
  }
}
