import { PROBLEMS, type ProblemType } from '../problems/problems.ts';

/**
 * The page behind a problem's `type`. Everything on it is ours: nothing of a request is repeated.
 *
 * @param type the last part of the path
 * @returns HTML, or null when there is no such problem
 */
export function problemPage(type: string): string | null {
  if (!Object.hasOwn(PROBLEMS, type)) return null;
  const { status, title, meaning, next } = PROBLEMS[type as ProblemType];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }</style>
<h1>${title}</h1>
<p><code>${type}</code>, HTTP status ${status}</p>
<h2>What it means</h2>
<p>${meaning}</p>
<h2>What to do</h2>
<p>${next}</p>
</html>
`;
}
