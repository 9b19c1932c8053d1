import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../../start/project-root.ts';

/** A service of `docker-compose.yml`, as far as the tests read it. */
export interface ComposeService {
  readonly image: string;
  readonly build?: unknown;
  readonly pull_policy?: string;
  readonly command?: string;
  readonly init?: boolean;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: {
    readonly test: readonly string[];
    readonly timeout: string;
    readonly start_period: string;
  };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Reads `docker-compose.yml` as it is with no `.env`: merge keys followed, each `${NAME:-default}` its default. */
export function readComposeFile(): ComposeFile {
  const text = readFileSync(join(projectRoot(), 'docker-compose.yml'), 'utf8');
  const withDefaults = text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
  return parse(withDefaults, { merge: true }) as ComposeFile;
}

/** One of its services. */
export function serviceOf(file: ComposeFile, name: string): ComposeService {
  const service = file.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}.`);
  return service;
}

/** `30s` and `1m`, as compose writes durations. */
export function durationMs(duration: string): number {
  const [, number, unit] = /^(\d+)(s|m)$/.exec(duration) ?? [];
  if (number === undefined) throw new Error(`${duration} is no duration that the tests can read.`);
  return Number(number) * (unit === 'm' ? 60_000 : 1_000);
}
