/** A setting that cannot be used. Its message names the variable, what was found and what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a variable; the empty string counts as absent, as compose files and shells produce it. */
export function read(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

export function readInteger(env: Environment, name: string, fallback: number, min: number, max: number): number {
  const value = read(env, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw new ConfigError(`${name} is "${value}"; it has to be a whole number from ${min} to ${max}.`);
  }
  return number;
}

export function readOneOf<T extends string>(env: Environment, name: string, fallback: T, allowed: readonly T[]): T {
  const value = read(env, name) ?? fallback;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new ConfigError(`${name} is "${value}"; it has to be one of ${allowed.join(', ')}.`);
  }
  return found;
}

/** The parts of a list that is separated by commas. */
export function readList(env: Environment, name: string): string[] {
  return (read(env, name) ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
