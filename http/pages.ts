import type { Registry } from 'prom-client';
import { problem, PROBLEMS } from '../problems/problems.ts';
import { answerHtml, answerJson, answerText } from './answers.ts';
import type { HealthAnswer } from './health.ts';
import { problemPage } from './problem-page.ts';
import type { ContractRoute, Exchange, PageRoute } from './route.ts';

export interface PagesOptions {
  /** The service's name. */
  readonly name: string;
  /** The calls that the door serves beside its pages. */
  readonly calls: readonly ContractRoute[];
  readonly live: () => HealthAnswer;
  readonly ready: () => HealthAnswer;
  readonly metrics: Pick<Registry, 'metrics' | 'contentType'>;
}

/** What every door answers by itself, also while its service starts and stops. */
export function pages(options: PagesOptions): PageRoute[] {
  return [
    publicPage('/', ({ response }) => {
      answerIndex(response, options);
    }),
    publicPage('/health/live', ({ response }) => {
      answerHealth(response, options.live());
    }),
    publicPage('/health/ready', ({ response }) => {
      answerHealth(response, options.ready());
    }),
    {
      kind: 'page',
      method: 'GET',
      path: '/metrics',
      access: { kind: 'operator' },
      answer: async ({ response }) => {
        answerText(response, 200, options.metrics.contentType, await options.metrics.metrics());
      },
    },
    publicPage('/problems/:type', answerProblemPage),
  ];
}

function publicPage(path: string, answer: PageRoute['answer']): PageRoute {
  return { kind: 'page', method: 'GET', path, access: { kind: 'public' }, answer };
}

function answerHealth(response: Exchange['response'], { status, body }: HealthAnswer): void {
  response.setHeader('Cache-Control', 'no-store');
  answerJson(response, status, body);
}

function answerProblemPage({ params, response }: Exchange): void {
  const page = problemPage(params.type ?? '');
  if (page === null) {
    throw problem('not-found', `There is no such kind of problem; there are ${Object.keys(PROBLEMS).join(', ')}.`);
  }
  answerHtml(response, page);
}

function answerIndex(response: Exchange['response'], { name, calls }: PagesOptions): void {
  answerJson(response, 200, {
    name,
    calls: calls.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
    health: ['/health/live', '/health/ready'],
    metrics: '/metrics',
    problems: Object.keys(PROBLEMS).map((type) => `/problems/${type}`),
  });
}
