import type { Registry } from 'prom-client';
import { problem, PROBLEMS } from '../problems/problems.ts';
import { answerBody, answerHtml, answerJson } from './answers.ts';
import { asyncApiDocument } from './asyncapi/document.ts';
import { DocsPage } from './docs-page.ts';
import type { HealthAnswer } from './health.ts';
import { openApiDocument } from './openapi/document.ts';
import * as documentation from './openapi/pages.ts';
import { ServedDocument } from './openapi/served-document.ts';
import { problemIndexPage, problemPage } from './problem-page.ts';
import type { Exchange, PageRoute, Route } from './route.ts';

export interface PagesOptions {
  /** The service's name. */
  readonly name: string;
  /** Of the cluster: part of its topics' names. */
  readonly namespace: string;
  /** What the door serves beside its pages. */
  readonly routes: readonly Route[];
  /** Whether authorisation is on. */
  readonly needsToken: boolean;
  readonly live: () => HealthAnswer;
  readonly ready: () => HealthAnswer;
  readonly metrics: Pick<Registry, 'metrics' | 'contentType'>;
}

/** A year: the address of such a file changes with it. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** What every door answers by itself, also while its service starts and stops. */
export function pages(options: PagesOptions): PageRoute[] {
  const docs = new DocsPage();
  const routes: PageRoute[] = [
    publicPage('/', documentation.index, ({ response }) => {
      answerIndex(response, options);
    }),
    healthPage('/health/live', documentation.live, options.live),
    healthPage('/health/ready', documentation.ready, options.ready),
    {
      kind: 'page',
      method: 'GET',
      path: '/metrics',
      access: { kind: 'operator' },
      documentation: documentation.metrics,
      answer: async ({ response }) => {
        answerBody(response, 200, options.metrics.contentType, await options.metrics.metrics());
      },
    },
    publicPage('/problems', documentation.problemIndex, ({ response }) => {
      answerHtml(response, problemIndexPage());
    }),
    publicPage('/problems/:type', documentation.problem, ({ params, response }) => {
      answerProblemPage(response, params.type ?? '', all);
    }),
    publicPage('/openapi.json', documentation.openApi, ({ request, response }) => {
      openApi.answer(request, response);
    }),
    publicPage('/asyncapi.json', documentation.asyncApi, ({ request, response }) => {
      asyncApi.answer(request, response);
    }),
    publicPage('/docs', documentation.docs, ({ response }) => {
      answerHtml(response, docs.html);
    }),
    publicPage('/docs/:file', documentation.docsFile(docs.mediaTypes), (exchange) => {
      answerDocsFile(exchange, docs);
    }),
  ];
  const all = [...options.routes, ...routes];
  const openApi = new ServedDocument(openApiDocument(all, options.needsToken));
  const asyncApi = new ServedDocument(asyncApiDocument(options.namespace));
  return routes;
}

function publicPage(path: string, documented: PageRoute['documentation'], answer: PageRoute['answer']): PageRoute {
  return { kind: 'page', method: 'GET', path, access: { kind: 'public' }, documentation: documented, answer };
}

function healthPage(path: string, documented: PageRoute['documentation'], read: () => HealthAnswer): PageRoute {
  const page = publicPage(path, documented, ({ response }) => {
    answerHealth(response, read());
  });
  return { ...page, access: { kind: 'public', isUnlimited: true } };
}

function answerHealth(response: Exchange['response'], { status, body }: HealthAnswer): void {
  response.setHeader('Cache-Control', 'no-store');
  answerJson(response, status, body);
}

function answerProblemPage(response: Exchange['response'], type: string, routes: readonly Route[]): void {
  const page = problemPage(type, routes);
  if (page === null) {
    throw problem('not-found', `There is no such kind of problem; there are ${Object.keys(PROBLEMS).join(', ')}.`);
  }
  answerHtml(response, page);
}

function answerDocsFile({ params, target, response }: Exchange, docs: DocsPage): void {
  const file = docs.file(params.file ?? '');
  if (file === null) throw problem('not-found', 'The page has no such file; GET /docs is the page.');
  response.setHeader('Cache-Control', target.query === `v=${docs.version}` ? IMMUTABLE : 'no-cache');
  answerBody(response, 200, file.mediaType, file.body);
}

function answerIndex(response: Exchange['response'], { name, routes }: PagesOptions): void {
  answerJson(response, 200, {
    name,
    calls: routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
    health: ['/health/live', '/health/ready'],
    metrics: '/metrics',
    documentation: ['/docs', '/openapi.json', '/asyncapi.json'],
    problems: Object.keys(PROBLEMS).map((type) => `/problems/${type}`),
  });
}
