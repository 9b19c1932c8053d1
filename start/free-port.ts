import { randomInt } from 'node:crypto';
import { isPortFree } from './port-free.js';

// Below the range that systems take outgoing ports from (Linux: 32768 and up). A client that keeps trying a port of
// that range while nobody listens can be given this very port as its own, and connects to itself.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const ATTEMPTS = 100;

/**
 * A port on which nobody listens now.
 *
 * @param preferred taken when it is free.
 * @throws when none of a hundred tries was free.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No free port between ${LOWEST_PORT} and ${HIGHEST_PORT} in ${ATTEMPTS} tries.`);
}
