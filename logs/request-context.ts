import { AsyncLocalStorage } from 'node:async_hooks';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Context, Middleware } from 'moleculer';

const requestIds = new AsyncLocalStorage<string>();

/** Runs what serves one request: every line that is logged in it, and in what it starts, carries the request's id. */
export function withRequestId<T>(requestId: string, run: () => T): T {
  return requestIds.run(requestId, run);
}

/** @returns the id of the request that is being served here, if one is */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}

/** Starts work for several requests, which must not be logged, or traced, as the one that happened to come first. */
export function outsideOfRequests<T>(run: () => T): T {
  return requestIds.exit(() => context.with(ROOT_CONTEXT, run));
}

type ActionHandler = (ctx: Context<unknown, { requestId?: unknown }>) => Promise<unknown>;

/** Takes up the request's id where a call arrives, on whichever node. */
export const requestContextMiddleware: Middleware = {
  name: 'RequestContext',
  localAction:
    (handler: ActionHandler): ActionHandler =>
    (ctx) => {
      const { requestId } = ctx.meta;
      return typeof requestId === 'string' ? withRequestId(requestId, () => handler(ctx)) : handler(ctx);
    },
};
