import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';

/** Ways to make a double of an amount, a line each, planted where money is handled. */
const PLANTED = [
  'export const a = Number(process.argv[2]);',
  'export const b = parseFloat(String(process.argv[2]));',
  'export const c = Number.parseFloat(String(process.argv[2]));',
  'export const d = Math.round(process.argv.length);',
  'export const e = process.argv.length.toFixed(2);',
  'export const f = +process.argv.length;',
  'export const g = process.argv.length * 0.01;',
  'export const h: unknown = JSON.parse(String(process.argv[2]));',
  'export interface I { readonly amount: number }',
  'export interface J { readonly balance: number | null }',
  "export const k = { name: 'x', up: `ALTER TABLE orders ADD COLUMN tip double precision` };",
];
/** ESLint loads every type of the project first. */
const TIMEOUT_MS = 180_000;

interface Finding {
  readonly ruleId: string;
  readonly line: number;
}

function lint(file: string, text: string): Finding[] {
  const eslint = join(projectRoot(), 'node_modules', '.bin', 'eslint');
  const args = ['--stdin', '--stdin-filename', file, '--format', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, [eslint, ...args], {
    cwd: projectRoot(),
    input: text,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { messages: Finding[] }[]).flatMap(({ messages }) => messages);
}

test.each(['services/orders/order.ts', 'money/money.ts', 'http/representations.ts'])(
  'a float between wire and disk does not pass the lint: planted in %s, every way to one is found',
  (file) => {
    const found = lint(file, `${PLANTED.join('\n')}\n`).filter(({ ruleId }) => ruleId === 'no-restricted-syntax');
    expect([...new Set(found.map(({ line }) => line))]).toEqual(PLANTED.map((_, index) => index + 1));
  },
  TIMEOUT_MS,
);
