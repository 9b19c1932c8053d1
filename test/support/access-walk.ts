import type { Scope } from '../../http/access.ts';
import type { ContractRoute, Route } from '../../http/route.ts';
import { send, type HttpAnswer, type HttpRequest } from './http-client.ts';

/** Both have an account and an order. */
export const OWNER = 'walk-owner';
export const STRANGER = 'walk-stranger';

/** Every scope that the address asks for, besides acting for every user. */
export function scopesFor({ access }: Route): Scope[] {
  if (access.kind === 'operator') return ['operator'];
  return access.kind === 'user' && access.scope !== undefined ? [access.scope] : [];
}

/** The name under which a test shows an address. */
export function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}

/**
 * Calls an address with valid input. It is made from the route's own definition, so that an address that is added is
 * walked by itself.
 *
 * @param values of the fields that inputs have, by name
 * @throws Error when the input has a required field that the walk has no value for
 */
export async function callAddress(
  port: number,
  route: Route,
  values: Readonly<Record<string, unknown>>,
  token: string | null,
): Promise<HttpAnswer> {
  const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
  const path = route.path.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(String(valueOf(values, name))));
  const request: HttpRequest = { method: route.method, headers };
  if (route.kind === 'page') return send(port, path, request);
  const fields = fieldsOf(route).map((name) => [name, valueOf(values, name)] as const);
  if (route.inputFrom === 'body') {
    return send(port, path, {
      ...request,
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(fields)),
    });
  }
  if (route.inputFrom === 'path') return send(port, path, request);
  const query = fields
    .filter(([name]) => !route.path.includes(`:${name}`))
    .map(([name, value]): [string, string] => [name, String(value)]);
  return send(port, `${path}?${new URLSearchParams(query).toString()}`, request);
}

function fieldsOf({ input }: ContractRoute): readonly string[] {
  return input.schema.required ?? [];
}

function valueOf(values: Readonly<Record<string, unknown>>, name: string): unknown {
  if (!Object.hasOwn(values, name)) throw new Error(`The walk knows no value for "${name}": give it one.`);
  return values[name];
}
