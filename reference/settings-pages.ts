import type { Described } from '../config/setting.ts';
import { COMPOSE_SECTION, SECTIONS, type Section } from '../config/settings.ts';

const ALL: readonly Section[] = [...SECTIONS, COMPOSE_SECTION];
const LINE_CHARACTERS = 110;

/** docs/configuration.md */
export function configurationPage(): string {
  return `<!-- Made by "npm run docs" out of config/settings.ts: change that, never this. -->

# Configuration

Every setting is a variable of the environment. They are read in one place, [config/settings.ts](../config/settings.ts), before anything else: a value
that cannot be used stops the command or node with a sentence that names the variable. An empty variable counts as absent. A variable that nothing reads and
that looks like one of these, such as \`KAFKA_BROKER\`, is warned of, with the name that was probably meant.

\`npm start\` and the commands beside it (\`npm run repl\`, \`shop\`, \`migrate\`, \`token\`, …) read a file \`.env\` beside \`package.json\`, where there is one; what is set in the environment
itself goes first. [.env.example](../.env.example) has every setting with its default: \`cp .env.example .env\`. Docker Compose reads the same file, but only
for what \`docker-compose.yml\` asks for by \`\${…}\`. Nodes in Kubernetes read none ([deploy.md](deploy.md)).

Variables marked with 🔒 are secrets: their values appear in no message and no log.

${ALL.map(sectionTable).join('\n')}`;
}

/** .env.example */
export function exampleFile(): string {
  const head = `# Made by "npm run docs" out of config/settings.ts: change that, never this.
#
# Copy it to .env, and take the # from what you set: npm start, the commands beside it and Docker Compose read it there.
# What is set in the environment itself goes first. docs/configuration.md has the same as a table.
`;
  return [head, ...ALL.map(sectionExample)].join('\n');
}

function sectionTable({ title, settings }: Section): string {
  const rows = Object.values(settings).map(({ name, fallback, allowed, meaning, isSecret }) =>
    row([`\`${name}\`${isSecret ? ' 🔒' : ''}`, fallback, allowed, meaning]),
  );
  return [`## ${title}`, '', row(['variable', 'default', 'allowed', 'meaning']), '|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function sectionExample({ title, settings }: Section): string {
  return [`# == ${title}`, '', ...Object.values(settings).map(example)].join('\n');
}

function example({ name, fallback, allowed, meaning, isSecret }: Described): string {
  const about = `${capitalised(plain(meaning))}. ${isSecret ? 'A secret. ' : ''}Allowed: ${plain(allowed)}.`;
  const isValue = /^[\w.:/@-]*$/.test(fallback) && !WORDS_FOR_NOTHING.includes(fallback);
  return [
    ...wrapped(about),
    ...(isValue ? [] : [`# Without it: ${plain(fallback)}.`]),
    `#${name}=${isValue ? fallback : ''}`,
    '',
  ].join('\n');
}

const WORDS_FOR_NOTHING = ['none', 'any', 'leased', 'empty'];

function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Markdown without its marks. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]+)\]\(([^)#]+)[^)]*\)/g, (_link, shown: string, page: string) =>
      shown === page ? `docs/${page}` : `${shown} (docs/${page})`,
    )
    .replaceAll('`', '');
}

function wrapped(sentence: string): string[] {
  const lines = ['#'];
  for (const word of sentence.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length < LINE_CHARACTERS) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}
