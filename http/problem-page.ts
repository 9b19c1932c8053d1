import { PROBLEMS, type ProblemType } from '../problems/problems.ts';
import { exampleAnswer } from './openapi/problem-examples.ts';
import { problemsOf } from './openapi/problems-of.ts';
import type { Route } from './route.ts';

const STYLE = `body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
pre { overflow: auto; font-size: .9rem; border: 1px solid; padding: 1rem }`;

/**
 * The page behind a problem's `type`. Everything on it is ours: nothing of a request is repeated.
 *
 * @param type the last part of the path
 * @param routes of this door: those that can answer with the problem are named
 * @returns HTML, or null when there is no such problem
 */
export function problemPage(type: string, routes: readonly Route[]): string | null {
  if (!isProblemType(type)) return null;
  const { status, title, meaning, next } = PROBLEMS[type];
  const answering = routes.filter((route) => problemsOf(route).includes(type));
  return page(
    title,
    `<p><code>${type}</code>, HTTP status ${status}</p>
<h2>What it means</h2>
<p>${escape(meaning)}</p>
<h2>What to do</h2>
<p>${escape(next)}</p>
<h2>An example</h2>
<pre>${escape(exampleText(type, answering[0] ?? routes[0]))}</pre>
<h2>Who answers it</h2>
${answering.length === 0 ? '<p>No operation: it is about addresses that are none.</p>' : list(answering.map(linkToOperation))}
<p><a href="/problems">Every kind of problem</a></p>`,
  );
}

/** The page with a link to each of them. */
export function problemIndexPage(): string {
  const links = Object.entries(PROBLEMS).map(
    ([type, { status, title }]) => `${status} <a href="/problems/${type}">${type}</a>: ${escape(title)}`,
  );
  return page('Problems', list(links));
}

function isProblemType(type: string): type is ProblemType {
  return Object.hasOwn(PROBLEMS, type);
}

function exampleText(type: ProblemType, route: Route | undefined): string {
  return route === undefined ? '' : JSON.stringify(JSON.parse(exampleAnswer(type, route).body), null, 2);
}

function linkToOperation({ method, path, documentation: { tag, operationId } }: Route): string {
  const address = path.replace(/:(\w+)/g, '{$1}');
  return `<a href="/docs#/${tag}/${operationId}"><code>${method} ${address}</code></a>`;
}

function list(items: readonly string[]): string {
  return `<ul>\n${items.map((item) => `<li>${item}</li>`).join('\n')}\n</ul>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>${STYLE}</style>
<h1>${escape(title)}</h1>
${body}
</html>
`;
}
