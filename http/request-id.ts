import { randomUUID } from 'node:crypto';

/** Goes into logs and headers as it is: no blanks, no control characters, no end of line. */
const REQUEST_ID = /^[A-Za-z0-9._:@/+=-]{1,128}$/;

/** @returns the client's own `X-Request-ID` when it is well-formed, otherwise a fresh one */
export function chooseRequestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();
}
