import { Registry } from 'prom-client';
import { live } from '../../http/health.ts';
import { pages } from '../../http/pages.ts';
import { orderRoutes, paymentRoutes } from '../../http/routes.ts';
import { readHttpFile } from '../support/http-file.ts';

const { requests, variables } = readHttpFile();
const sent = requests.map(({ method, url }) => ({
  method,
  path: url.replace(/^\{\{\w+\}\}/, '').replace(/\?.*$/, ''),
}));

test('every address of a door stands in requests.http', () => {
  const calls = [...orderRoutes, ...paymentRoutes];
  const all = [
    ...calls,
    ...pages({
      name: 'door',
      namespace: '',
      routes: calls,
      needsToken: false,
      live,
      ready: live,
      metrics: new Registry(),
    }),
  ];
  const missing = all.filter(({ method, path }) => {
    const pattern = new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replaceAll('.', '\\.')}$`);
    return !sent.some((request) => request.method === method && pattern.test(request.path));
  });
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});

test('every variable of requests.http is used, and every one that is used is there', () => {
  const text = JSON.stringify([requests, Object.values(variables)]);
  const used = new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual(Object.keys(variables).sort());
});
