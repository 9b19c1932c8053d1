import type { Environment } from './read-variable.ts';
import { COMPOSE_SECTION, SECTIONS } from './settings.ts';

/** Nothing else is likely to begin like this. */
const OURS =
  /^(ORDERS_|PAYMENTS_|AUDITOR_DATABASE_|KAFKA_(TLS|SSL|SASL|BROKER|BOOTSTRAP)|AUTH_|RATE_LIMIT_|NODE_SLOT|IDEMPOTENCY_KEY|RECONCILE_|CRASH_POINT|TRUSTED_PROX|CORS_ORIGIN)/;
/** What an orchestrator tells of its services; with a service named "orders" that begins as ours do. */
const OF_ORCHESTRATORS = /_SERVICE_(HOST|PORT)|_PORT_\d+_TCP/;
/** Shorter ones are near to too much: AUTH to PATH. */
const MIN_CHARACTERS_TO_COMPARE = 6;
/** From so many characters on, two mistakes are still a mistake. */
const LONG_NAME_CHARACTERS = 10;

/** The names of all variables, those of Docker Compose included. */
export function knownVariables(): string[] {
  return [...SECTIONS, COMPOSE_SECTION].flatMap(({ settings }) => Object.values(settings).map(({ name }) => name));
}

/**
 * Finds variables that nobody reads and that look as if they were meant for us.
 *
 * @returns a sentence for each
 */
export function unknownVariables(env: Environment): string[] {
  const known = knownVariables();
  return Object.keys(env)
    .filter((name) => !known.includes(name) && !OF_ORCHESTRATORS.test(name))
    .flatMap((name) => {
      const { nearest, distance } = nearestOf(normalised(name), known);
      const isMeant = isNear(name, distance);
      if (!isMeant && !OURS.test(normalised(name))) return [];
      const hint = isMeant
        ? `did you mean ${nearest}?`
        : `docs/configuration.md has what there is, such as ${nearest}.`;
      return [`${name} is set, and nothing reads it: ${hint}`];
    });
}

function isNear(name: string, distance: number): boolean {
  return name.length >= MIN_CHARACTERS_TO_COMPARE && distance <= (name.length < LONG_NAME_CHARACTERS ? 1 : 2);
}

function normalised(name: string): string {
  return name.toUpperCase().replaceAll(/[.-]/g, '_');
}

function nearestOf(name: string, known: readonly string[]): { nearest: string; distance: number } {
  const distances = known.map((nearest) => ({
    nearest,
    distance: isBeginningOf(name, nearest) ? 1 : distanceOf(name, nearest),
  }));
  return distances.reduce((best, each) => (each.distance < best.distance ? each : best));
}

/** REQUEST_TIMEOUT of REQUEST_TIMEOUT_MS; a first word alone, such as NODE, is anybody's. */
function isBeginningOf(name: string, known: string): boolean {
  return name.includes('_') && known.startsWith(`${name}_`);
}

/** Letters to add, take away, replace, or to swap with their neighbour (optimal string alignment). */
function distanceOf(left: string, right: string): number {
  let [beforeLast, last] = [[] as number[], Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const isSame = left[i - 1] === right[j - 1];
      const isSwapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      row[j] = Math.min(
        (row[j - 1] ?? 0) + 1,
        (last[j] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return last[right.length] ?? 0;
}
