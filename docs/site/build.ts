import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { defineCommand, runCommand } from '../../terminal/command.js';
import { contentsOf } from './contents.ts';
import { addressOf, isPicture, placeOf, relinked, sitePathOf } from './links.ts';

/** `npm run docs:site`: the pages of docs/, and what they lead to, as a site in `docs/site/.site/site`. */

const here = import.meta.dirname;
const root = join(here, '..', '..');
const stage = join(here, '.site', 'pages');

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 16 * 1024 * 1024,
}).split('\0');
const pages = files.filter((file) => file.endsWith('.md') && existsSync(join(root, file)));

function put(target: string, text: string): void {
  const file = join(stage, target);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A file of the tree that is no page, as a page: its text. */
function sourcePage(file: string): string {
  const fence = '`````';
  return `# ${file}\n\n${fence}${extname(file).slice(1) || 'text'}\n${readFileSync(join(root, file), 'utf8').trimEnd()}\n${fence}\n`;
}

/** A folder of the tree as a page: what is in it. */
function folderPage(folder: string): { text: string; holds: string[] } {
  const holds = files.filter((file) => file.startsWith(`${folder}/`) && existsSync(join(root, file)));
  const lines = holds.map((file) => `- [${file}](${addressOf(file)})`);
  return { text: `# ${folder}/\n\n${lines.join('\n')}\n`, holds };
}

function putTarget(target: string): void {
  if (pages.includes(target)) return;
  const file = join(root, target);
  if (!existsSync(file)) throw new Error(`A page leads to ${target}, which is not there.`);
  if (statSync(file).isDirectory()) {
    const { text, holds } = folderPage(target);
    put(sitePathOf(`${target}/`), text);
    for (const one of holds) if (!pages.includes(one)) put(sitePathOf(one), sourcePage(one));
  } else if (isPicture(target)) {
    cpSync(file, join(stage, placeOf(target)));
  } else {
    put(sitePathOf(target), sourcePage(target));
  }
}

/** The pages and what they lead to, with links that hold in the site. */
function putAll(): void {
  rmSync(join(here, '.site'), { recursive: true, force: true });
  const targets = new Set<string>();
  for (const page of pages) {
    const { text, leadsTo } = relinked(
      page,
      readFileSync(join(root, page), 'utf8'),
      (path) => existsSync(join(root, path)) && statSync(join(root, path)).isDirectory(),
    );
    put(sitePathOf(page), text);
    for (const target of leadsTo) targets.add(target);
  }
  for (const target of targets) putTarget(target);
  writeFileSync(
    join(here, '.site', 'sidebar.json'),
    JSON.stringify(contentsOf(readFileSync(join(root, 'docs', 'README.md'), 'utf8'))),
  );
}

function vitepress(command: string): number {
  const program = join(here, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
  return spawnSync(process.execPath, [program, command, '.'], { cwd: here, stdio: 'inherit' }).status ?? 1;
}

const COMMAND = defineCommand({
  name: 'npm run docs:site',
  about: 'Makes a site of docs/, with search, in docs/site/.site/site; installs its generator there first.',
  options: { serve: { type: 'flag', about: 'shows it on this machine when it is made' } },
  examples: ['npm run docs:site', 'npm run docs:site -- --serve'],
  exitCodes: { 0: 'made', 1: 'a page leads nowhere, or it could not be made' },
});

await runCommand(COMMAND, ({ serve }) => {
  putAll();
  if (!existsSync(join(here, 'node_modules'))) {
    spawnSync('npm', ['ci', '--no-audit'], { cwd: here, stdio: 'inherit' });
  }
  const exitCode = vitepress('build');
  if (exitCode !== 0) return exitCode;
  process.stdout.write('The site is in docs/site/.site/site; "npm run docs:site -- --serve" shows it.\n');
  return serve ? vitepress('preview') : 0;
});
