import { Errors, type Context, type Middleware } from 'moleculer';

/** What the deadline needs of a context. */
type Call = Pick<Context, 'meta' | 'options' | 'action' | 'nodeID'>;

/** @returns milliseconds since the epoch on a clock that never steps; a deadline is compared with nothing else */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Sets a call's deadline. It is not enumerable: copied into a nested call's meta, or merged back from one that had
 * less time, it would be somebody else's deadline; sent to another node, it would be on a clock that is not theirs.
 */
export function setDeadline(meta: object, deadline: number): void {
  Object.defineProperty(meta, 'deadline', { value: deadline, writable: true, configurable: true, enumerable: false });
}

/** @returns when the caller of this call gives up, by `steadyNow()`; undefined when it waits for ever */
export function deadlineOf(meta: unknown): number | undefined {
  const deadline = (meta as { deadline?: unknown } | null | undefined)?.deadline;
  return typeof deadline === 'number' ? deadline : undefined;
}

/**
 * To be asked just before what cannot be undone: a caller that has given up may have told its user so.
 *
 * @throws RequestTimeoutError when the call's deadline has passed; nothing of it may be done any more
 */
export function assertBeforeDeadline(ctx: Call): void {
  const deadline = deadlineOf(ctx.meta);
  if (deadline !== undefined && steadyNow() >= deadline) {
    throw timedOut(ctx);
  }
}

function timedOut(ctx: Call): Error {
  return new Errors.RequestTimeoutError({ action: ctx.action?.name ?? 'unknown', nodeID: ctx.nodeID ?? '' });
}

/**
 * A timer fires early by as long as the event loop was busy when it was set: callers give up this much after the deadline,
 * never before it. Part of the timeout that travels with a call.
 */
export const EARLY_TIMER_MS = 20;

/** Gives the call the earliest of: its own timeout, the deadline it came with, the deadline of the call around it. */
function takeDeadline(ctx: Context): void {
  const { timeout, parentCtx } = ctx.options;
  const deadline = Math.min(
    (timeout ?? 0) > 0 ? steadyNow() + (timeout ?? 0) : Number.POSITIVE_INFINITY,
    deadlineOf(ctx.meta) ?? Number.POSITIVE_INFINITY,
    deadlineOf(parentCtx?.meta) ?? Number.POSITIVE_INFINITY,
  );
  if (deadline === Number.POSITIVE_INFINITY) return;
  setDeadline(ctx.meta, deadline);
  assertBeforeDeadline(ctx);
  // Moleculer's own timer, and the timeout that travels with the call, are for what is left.
  ctx.options.timeout = Math.max(1, Math.ceil(deadline - steadyNow())) + EARLY_TIMER_MS;
}

type ActionHandler = (ctx: Context) => Promise<unknown>;

function withDeadline(handler: ActionHandler): ActionHandler {
  return async (ctx) => {
    takeDeadline(ctx);
    return handler(ctx);
  };
}

/** Moleculer's own timer answers first: it logs and counts. */
const AFTER_TIMEOUT_MS = EARLY_TIMER_MS + 50;

/**
 * Ends a call to another node whose answer never comes. Moleculer's timeout answers the caller but keeps the pending
 * request and the tracked context: for ever, and a stop waits for them.
 */
function withEnd(handler: ActionHandler): ActionHandler {
  return async (ctx) => {
    const answer = handler(ctx);
    const deadline = deadlineOf(ctx.meta);
    if (deadline === undefined) return answer;
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => {
          ctx.broker.transit?.removePendingRequest(ctx.id);
          reject(timedOut(ctx));
        },
        deadline - steadyNow() + AFTER_TIMEOUT_MS,
      );
    });
    return Promise.race([answer, end]).finally(() => {
      clearTimeout(timer);
    });
  };
}

/**
 * Gives every call `ctx.meta.deadline`, nested ones included, and starts none whose caller has given up: the timeout of
 * Moleculer alone tells the caller, and lets the called go on.
 */
export const deadlineMiddleware: Middleware = {
  name: 'Deadline',
  localAction: withDeadline,
  remoteAction: (handler: ActionHandler) => withDeadline(withEnd(handler)),
};
