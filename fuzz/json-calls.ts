import type { Connection } from './connection.ts';
import { readJson } from './oracle/check-ok.ts';

/** Calls that have to go well, their answers with numbers as the text that stood there. */

/** @returns the answer's JSON, its numbers as text */
export async function postJson(connection: Connection, path: string, body: string): Promise<unknown> {
  const head = `POST ${path} HTTP/1.1\r\nHost: fuzz\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return await askJson(connection, 'POST', path, Buffer.from(head + body));
}

/** @returns the answer's JSON, its numbers as text */
export async function getJson(connection: Connection, path: string): Promise<unknown> {
  return await askJson(connection, 'GET', path, Buffer.from(`GET ${path} HTTP/1.1\r\nHost: fuzz\r\n\r\n`));
}

async function askJson(connection: Connection, method: string, path: string, bytes: Buffer): Promise<unknown> {
  const reply = await connection.send({ bytes, method, path, requestId: null, alone: false });
  const answer = reply.kind === 'answers' ? reply.answers[0] : undefined;
  if (answer === undefined || answer.status >= 300) {
    const said =
      answer === undefined ? (reply.kind === 'none' ? reply.why : '') : `${answer.status} ${answer.body.toString()}`;
    throw new Error(`${method} ${path}: ${said}`);
  }
  return readJson(answer.body.toString());
}
