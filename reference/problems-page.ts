import { gatewayRoutes } from '../client/gateway-document.ts';
import { problemsOf } from '../http/openapi/problems-of.ts';
import { PROBLEMS, type ProblemType } from '../problems/problems.ts';
import { headingOf, operationLink } from './links.ts';

/** @returns docs/problems.md, from the catalogue of errors */
export function problemsPage(): string {
  const entries = Object.entries(PROBLEMS) as [ProblemType, (typeof PROBLEMS)[ProblemType]][];
  const rows = entries.map(
    ([type, { status, title }]) => `| ${status} | [\`${type}\`](#${headingOf(type)}) | ${title} |`,
  );
  return `# Problems

<!-- Made by "npm run docs" out of problems/: change that, never this. -->

Whatever is wrong with a request is answered as \`application/problem+json\` (RFC 9457). Branch on \`type\`, which is \`/problems/<name>\`: every
door serves a page at that address, with an example. \`detail\` is for people, and \`errors\` names each bad field by its JSON pointer.

| status | type | title |
|---|---|---|
${rows.join('\n')}

${entries.map(([type, one]) => section(type, one)).join('\n')}`;
}

function section(type: ProblemType, { status, title, meaning, next }: (typeof PROBLEMS)[ProblemType]): string {
  const answering = gatewayRoutes().filter((route) => route.kind !== 'page' && problemsOf(route).includes(type));
  const who = answering.length === 0 ? '' : `\nAnswered by ${answering.map(operationLink).join(', ')}.\n`;
  return `## ${type}

${status}: ${title}.

**What it means**: ${meaning}

**What to do**: ${next}
${who}`;
}
