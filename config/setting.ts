import { existsSync } from 'node:fs';
import { ConfigError, read, type Environment } from './read-variable.ts';

/** What the documents say of a variable. */
export interface Described {
  readonly name: string;
  /** What holds without it, as text. */
  readonly fallback: string;
  readonly allowed: string;
  /** In Markdown, one line. */
  readonly meaning: string;
  /** Belongs where secrets are kept; its value is never repeated. */
  readonly isSecret: boolean;
}

/** A variable of the environment: how it is read, and what the documents say of it. */
export interface Setting<T> extends Described {
  /** @throws ConfigError naming the variable, when its value cannot be used */
  read(env: Environment): T;
}

/** A variable that lacks only what holds without it. */
interface Variable<T> {
  /** @param shown the default as the documents show it */
  or(fallback: T, shown?: string): Setting<T>;
  /** Null without it. @param shown what holds then, in words */
  orNull(shown: string): Setting<T | null>;
}

interface Meaning {
  readonly meaning: string;
  readonly isSecret?: boolean;
}

interface Shape<T> extends Meaning {
  readonly allowed: string;
  /** @throws ConfigError */
  readonly parse: (value: string) => T;
}

/** Any other variable: with a parser of its own. */
export function variable<T>(name: string, { allowed, meaning, isSecret = false, parse }: Shape<T>): Variable<T> {
  const readOr = <F>(env: Environment, fallback: F): T | F => {
    const value = read(env, name);
    return value === undefined ? fallback : parse(value);
  };
  const about = { name, allowed, meaning, isSecret };
  return {
    or: (fallback, shown = String(fallback)) => ({ ...about, fallback: shown, read: (env) => readOr(env, fallback) }),
    orNull: (shown) => ({ ...about, fallback: shown, read: (env) => readOr(env, null) }),
  };
}

/** Any text. */
export function text(name: string, options: Meaning & { readonly allowed: string }): Variable<string> {
  return variable(name, { ...options, parse: (value) => value });
}

/** A whole number within bounds, both included. */
export function integer(
  name: string,
  { from, to, ...options }: Meaning & { readonly from: number; readonly to: number },
): Variable<number> {
  const parse = (value: string): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < from || number > to) {
      throw new ConfigError(`${name} is "${value}"; it has to be a whole number from ${from} to ${to}.`);
    }
    return number;
  };
  return variable(name, { ...options, allowed: `${from} to ${to}`, parse });
}

/** One of some words. */
export function oneOf<T extends string>(name: string, words: readonly T[], options: Meaning): Variable<T> {
  const parse = (value: string): T => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw new ConfigError(`${name} is "${value}"; it has to be one of ${words.join(', ')}.`);
    return found;
  };
  return variable(name, { ...options, allowed: words.map((word) => `\`${word}\``).join(', '), parse });
}

/** The parts of a list that is separated by commas; empty without it. */
export function list(name: string, options: Meaning & { readonly allowed: string }): Setting<string[]> {
  return variable(name, { ...options, parse: splitList }).or([], 'none');
}

export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Parameters of a database's URL that name files; the driver would fail with a bare ENOENT, once it connects. */
const FILE_PARAMETERS = ['sslrootcert', 'sslcert', 'sslkey'];

/** How to reach a database. The value may hold a password: it is not repeated. */
export function databaseUrl(name: string, options: Meaning): Variable<string> {
  const parse = (value: string): string => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url === null || !/^postgres(ql)?:\/\/[^/]+\/[^/?]+/.test(value)) {
      throw new ConfigError(
        `${name} is no PostgreSQL URL; it has to look like postgres://user:password@host:5432/name.`,
      );
    }
    if (url.host.includes(',')) {
      throw new ConfigError(
        `${name} names several hosts, and the driver knows one: give it an address that follows the primary.`,
      );
    }
    // It would replace the limits that every session of ours has.
    if (url.searchParams.has('options')) {
      throw new ConfigError(`${name} has the parameter options, which is not taken: use ALTER ROLE … SET for it.`);
    }
    for (const parameter of FILE_PARAMETERS) {
      const path = url.searchParams.get(parameter);
      if (path !== null && !existsSync(path)) {
        throw new ConfigError(`${name} says ${parameter}=${path}, and there is no such file.`);
      }
    }
    return value;
  };
  return variable(name, { ...options, allowed: 'a PostgreSQL URL', isSecret: true, parse });
}
