import { gatewayRoutes } from '../client/gateway-document.ts';
import { TAGS } from '../http/openapi/documentation.ts';
import { problemsOf } from '../http/openapi/problems-of.ts';
import type { Route } from '../http/route.ts';
import { PROBLEMS } from '../problems/problems.ts';
import { addressOf, headingOf } from './links.ts';

/** @returns docs/rest.md: every address of the gateway, from the routes that requests are checked by */
export function restPage(): string {
  const routes = gatewayRoutes();
  const groups = Object.entries(TAGS).map(([tag, about]) => {
    const of = routes.filter(({ documentation }) => documentation.tag === tag);
    const rows = of.map(
      (route) => `| [\`${addressOf(route)}\`](#${headingOf(addressOf(route))}) | ${route.documentation.summary} |`,
    );
    return `| ${tag} | ${about} |\n|---|---|\n${rows.join('\n')}\n`;
  });
  return `# REST

<!-- Made by "npm run docs" out of http/ and contract/: change those, never this. -->

Every address of the gateway. The machine-readable form, with schemas and examples, is OpenAPI 3.1 at \`/openapi.json\`; \`/docs\` shows it and lets you try each call.
The orders door (8081) and the payments door (8082) serve their part of it by the same rules. [requests.http](../requests.http) has each call for an editor.

${groups.join('\n')}
${routes.map(section).join('\n')}`;
}

function section(route: Route): string {
  const { summary, description } = route.documentation;
  const problems = problemsOf(route).map(
    (type) => `[${PROBLEMS[type].status} ${type}](problems.md#${headingOf(type)})`,
  );
  const may = problems.length === 0 ? '' : `\nMay answer ${problems.join(', ')}.\n`;
  // Links of the served page lead to addresses of the door.
  const told = description.replaceAll(/\]\((\/[^)]*)\)/g, '](http://localhost:8080$1)');
  return `## ${addressOf(route)}

${summary}. ${told}
${may}`;
}
