import type { ServerResponse } from 'node:http';
import { isProblem } from '../problems/problems.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import type { Assets } from './assets.ts';

/** The two pages: the console itself, which is drawn by its script, and the one that says how to come in. */

/** As `SECURITY_HEADERS` spells it. */
const POLICY = 'content-security-policy';
/** Paths in which a proxy or a browser must keep nothing. */
const NO_STORE = 'no-store';

export function answerConsole(response: ServerResponse, assets: Assets): void {
  const policy = (SECURITY_HEADERS[POLICY] ?? '').replace(
    "script-src 'self'",
    `script-src 'self' ${assets.importMapHash}`,
  );
  answerPage(
    response,
    200,
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Console</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${assets.address('uplot.css')}">
<link rel="stylesheet" href="${assets.address('console.css')}">
<script src="${assets.address('theme.ts')}"></script>
<script type="importmap">${assets.importMap}</script>
<script type="module" src="${assets.address('app.ts')}"></script>
<div id="console"><p class="loading">Loading…</p></div>
<noscript>The console needs JavaScript. The same is in the REPL: <code>npm run repl</code>, then <code>help</code>.</noscript>
</html>
`,
    policy,
  );
}

/**
 * Answers who is not let in with a page that says how to come in.
 *
 * @returns false for what is about something else
 */
export function answerRefused(response: ServerResponse, error: unknown, assets: Assets): boolean {
  if (!isProblem(error) || (error.type !== 'unauthorized' && error.type !== 'forbidden')) return false;
  const isForToken = error.type === 'unauthorized';
  answerPage(response, isForToken ? 401 : 403, isForToken ? loginPage(assets) : closedPage(assets), undefined);
  return true;
}

function loginPage(assets: Assets): string {
  return smallPage(
    assets,
    'Log in',
    `<form id="login">
  <p>This is for whoever runs the system. Paste the operator’s token: <code>OPERATOR_TOKEN</code> of the gateway, or a token with the scope <code>operator</code>.</p>
  <label for="token">Operator’s token</label>
  <input id="token" name="token" type="password" autocomplete="current-password" required autofocus spellcheck="false">
  <button type="submit" class="primary">Log in</button>
  <p id="said" role="alert"></p>
</form>
<noscript>Logging in needs JavaScript.</noscript>
<script type="module" src="${assets.address('login.ts')}"></script>`,
  );
}

function closedPage(assets: Assets): string {
  return smallPage(
    assets,
    'Not from here',
    `<p>No operator’s token is set at this gateway, so its console is for the machine itself: open <code>http://localhost:8080/console</code> there (by its port).</p>
<p>To open it from elsewhere, start the gateway with <code>OPERATOR_TOKEN</code> set to at least 16 random characters, or give your own token the scope <code>operator</code>. From afar without either:</p>
<pre>ssh -L 8080:localhost:8080 the-machine</pre>`,
  );
}

function smallPage(assets: Assets, title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Console</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${assets.address('console.css')}">
<script src="${assets.address('theme.ts')}"></script>
<main class="small-page">
<h1>${title}</h1>
${body}
</main>
</html>
`;
}

/** A swimlane. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2563eb"/><path d="M3 5h6M7 8h6M3 11h6" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>',
)}`;

function answerPage(response: ServerResponse, status: number, html: string, policy: string | undefined): void {
  if (policy !== undefined) response.setHeader(POLICY, policy);
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(html),
    'Cache-Control': NO_STORE,
  });
  response.end(html);
}
