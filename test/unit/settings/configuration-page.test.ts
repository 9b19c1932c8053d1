import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { configurationPage, exampleFile } from '../../../reference/settings-pages.ts';
import { loadConfig } from '../../../config/config.ts';
import { COMPOSE_SECTION, SECTIONS } from '../../../config/settings.ts';
import { readStartOptions } from '../../../start/options.ts';

const SECTIONS_READ = SECTIONS.flatMap(({ settings }) => Object.values(settings));

/** The names that are asked for while everything is read. */
function variablesRead(env: Record<string, string>): string[] {
  const asked = new Set<string>();
  const watched = new Proxy(env, {
    get: (target, name: string) => {
      asked.add(name);
      return target[name];
    },
  });
  readStartOptions([], watched);
  return [...asked].sort();
}

/** First cells of the rows of a page's tables. */
function namesInTables(page: string): string[] {
  return [...page.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, name]) => name ?? '');
}

test('every variable that is read is in the table, and nothing else is', () => {
  const compose = Object.values(COMPOSE_SECTION.settings).map(({ name }) => name);
  // Some are read only with tokens.
  const read = new Set([...variablesRead({}), ...variablesRead({ AUTH_SECRET: 'a'.repeat(32) }), ...compose]);
  expect([...read].sort()).toEqual(namesInTables(configurationPage()).sort());
});

test('every variable is asked for once in the table', () => {
  const names = namesInTables(configurationPage());
  expect(names.length).toBe(new Set(names).size);
});

test('the variables of Docker Compose are those that docker-compose.yml asks for, with its defaults', () => {
  const asked = [...readFileSync('docker-compose.yml', 'utf8').matchAll(/\$\{(\w+):-([^}]*)\}/g)];
  const ofCompose = new Map(asked.map(([, name = '', fallback = '']) => [name, fallback]));
  // Read by nodes, too: docker-compose.yml has a default of its own.
  expect(ofCompose.delete('OPERATOR_TOKEN')).toBe(true);
  expect(Object.values(COMPOSE_SECTION.settings).map(({ name, fallback }) => [name, fallback])).toEqual(
    expect.arrayContaining([...ofCompose]),
  );
  expect(ofCompose.size).toBe(Object.keys(COMPOSE_SECTION.settings).length);
});

test('the defaults in the table are those that hold', () => {
  const shown = Object.fromEntries(SECTIONS_READ.map(({ name, fallback }) => [name, fallback]));
  // Those that are values rather than words about them: set, they change nothing.
  const words = /^(none|any|leased|empty|the |off; |100; |Node)/;
  const values = Object.fromEntries(Object.entries(shown).filter(([, fallback]) => !words.test(fallback)));
  expect(Object.keys(values).length).toBeGreaterThan(20);
  expect(loadConfig(values)).toEqual(loadConfig({}));
});

test('.env.example sets nothing, and names every variable', () => {
  const example = exampleFile();
  expect(parseEnv(example)).toEqual({});
  const commentedOut = [...example.matchAll(/^#([A-Z0-9_]+)=/gm)].map(([, name]) => name);
  expect(commentedOut).toEqual(namesInTables(configurationPage()));
});

test('a default of .env.example can be taken as it stands', () => {
  const uncommented = exampleFile().replaceAll(/^#(?=[A-Z0-9_]+=)/gm, '');
  const { embeddedPorts, config } = readStartOptions([], parseEnv(uncommented));
  expect(embeddedPorts).toEqual({ kafka: 29_092, postgres: 5432 });
  expect(config).toEqual(loadConfig({}));
});

test('no secret has its marker missing: what is named a password, secret, token or URL of a database', () => {
  const named = /PASSWORD$|_SECRET$|_TOKEN$|DATABASE_(\w+_)?URL$|_HEADERS$/;
  const all = [...SECTIONS_READ, ...Object.values(COMPOSE_SECTION.settings)];
  expect(all.filter(({ name, isSecret }) => named.test(name) !== isSecret)).toEqual([]);
});
