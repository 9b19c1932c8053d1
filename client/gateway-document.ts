import { Registry } from 'prom-client';
import { openApiDocument } from '../http/openapi/document.ts';
import { pages } from '../http/pages.ts';
import type { Route } from '../http/route.ts';
import { orderRoutes, paymentRoutes } from '../http/routes.ts';

/** Everything that the gateway serves, without a node behind it. */
export function gatewayRoutes(): readonly Route[] {
  const routes = [...orderRoutes, ...paymentRoutes];
  const health = { status: 200, body: { status: 'ready' } } as const;
  return [
    ...routes,
    ...pages({
      name: 'api',
      namespace: '',
      routes,
      needsToken: true,
      live: () => health,
      ready: () => health,
      metrics: new Registry(),
    }),
  ];
}

/** The gateway's OpenAPI document with authorisation on, as a client reads it. */
export function gatewayDocument(): object {
  return JSON.parse(JSON.stringify(openApiDocument(gatewayRoutes(), true))) as object;
}
