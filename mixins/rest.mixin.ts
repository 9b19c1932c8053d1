import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Service, ServiceSchema } from 'moleculer';
import ApiGateway, { type GatewayResponse, type IncomingRequest } from 'moleculer-web';
import type { OperatorSessions } from '../auth/operator-sessions.ts';
import { accessWarnings, type DoorAccess } from '../config/config.ts';
import { addReadinessCheck } from '../health/readiness.ts';
import { openAdmission, type Admission } from '../http/admission.ts';
import { answerCall, CallFailed, type CallAction } from '../http/answer-call.ts';
import { answerOptions } from '../http/answers.ts';
import { crossOrigin, type CrossOrigin } from '../http/cors.ts';
import { answerStream } from '../http/live/answer-stream.ts';
import type { LiveOrders } from '../http/live/live-orders.ts';
import { live, ready } from '../http/health.ts';
import { InFlightBound } from '../http/in-flight-bound.ts';
import { HttpListener } from '../http/listener.ts';
import { pages } from '../http/pages.ts';
import { diagnose, problemAnswer } from '../http/problem-answer.ts';
import { ClientGone } from '../http/read-body.ts';
import { chooseRequestId } from '../http/request-id.ts';
import type { Address, ConsoleRoute, ContractRoute, Exchange, Route } from '../http/route.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import { pathOfTarget, readTarget, type Target } from '../http/target.ts';
import { closeWaitingRoom } from '../http/waiting-room.ts';
import { logsEachThing } from '../logs/each-thing.ts';
import { withRequestId } from '../logs/request-context.ts';
import { httpMetricsOf, type HttpMetrics } from '../metrics/http-metrics.ts';
import { registryOf } from '../metrics/registry.ts';
import { problem } from '../problems/problems.ts';
import { traceRequest, type TracedRequest } from '../tracing/request-span.ts';
import { activeTraceIds } from '../tracing/tracer.ts';

export interface RestOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly routes: readonly ContractRoute[];
  /** How long a call may take until its client is answered. */
  readonly requestTimeoutMs: number;
  /** How long a request may take to arrive. */
  readonly receiveTimeoutMs?: number;
  /** How long a client may take to read an answer. */
  readonly readTimeoutMs?: number;
  /** Who may call what. */
  readonly access: DoorAccess;
  /** Of the operator's console, where the door has one. */
  readonly console?: DoorConsole;
}

/** What a door needs of a console. */
export interface DoorConsole {
  readonly sessions: OperatorSessions;
  readonly routesOf: (service: Service) => readonly ConsoleRoute[];
}

/** What the mixin gives to its service. */
export interface RestService extends Service {
  listener: HttpListener;
  /** Of the mixin `liveOrders`, which a door with streams needs. */
  readonly liveOrders?: LiveOrders;
  /** Of the mixin `consoleTabs`, where the door has a console. */
  readonly tabs?: { end(): void };
  /** Every address that it answers. */
  addresses: readonly Address[];
}

/** moleculer-web's own methods that this mixin builds on; they are not in its types. */
interface GatewayService extends RestService {
  httpHandler(request: IncomingMessage, response: ServerResponse): Promise<void>;
  addRoute(route: object): void;
}

type State = 'starting' | 'open' | 'stopping';

/** What the stages of a request share. */
interface Door {
  readonly service: GatewayService;
  readonly options: RestOptions;
  readonly metrics: HttpMetrics;
  readonly bound: InFlightBound;
  /** Method and path of each call; one with a parameter in its path is never found here. */
  readonly calls: ReadonlySet<string>;
  readonly allowOrigins: CrossOrigin;
  /** Whether each request is a line of the log. */
  readonly logsEach: boolean;
  /** While it is open. */
  admission: Admission | null;
  state: State;
}

/** A request has at most 32 KiB: who needs longer holds a connection rather than sends one. */
const DEFAULT_RECEIVE_TIMEOUT_MS = 10_000;
/** Clients that pipeline send a handful; without a bound, one packet is two thousand requests. */
const MAX_UNANSWERED_ON_CONNECTION = 64;
/** After the longest call: its answer has to be written, too. */
const DRAIN_MARGIN_MS = 1000;
const REFUSALS: Record<Exclude<State, 'open'>, string> = {
  starting: 'This node is still starting. Nothing was done; try again.',
  stopping: 'This node is stopping. Nothing was done; try again.',
};

const TARGET = Symbol('target');

interface ReadRequest extends IncomingMessage {
  [TARGET]?: Target;
}

/**
 * The REST door of a service: moleculer-web routes the requests, this mixin reads them from their raw bytes and answers
 * them (ADR 0005). List it first: it opens when everything else of the service has started.
 *
 * The port answers from the broker's start on, so that health can be asked; calls are answered 503 until the service has
 * started, and again while it stops.
 *
 * @param options where to listen, and the calls to serve
 */
export function rest(options: RestOptions): Partial<ServiceSchema> {
  const schema = {
    settings: {
      // The listener is ours: with problem bodies for what Node's server refuses, and a stop of its own.
      server: false,
      // Added in `created`, and not part of what nodes tell each other.
      routes: null,
      // The listener itself waits for its requests at stop; and Moleculer cannot track what comes before the service starts.
      rootCallOptions: { tracking: false },
      logRequest: null,
      logRequestParams: null,
      logResponse: null,
      logRouteRegistration: null,
    },
    // Of moleculer-web's actions only the handler of requests itself, which is private.
    actions: { rest: ApiGateway.actions?.rest },
    methods: {
      ...ApiGateway.methods,
      parseQueryString: (request: IncomingMessage) => ({ url: targetOf(request).path, query: {} }),
      errorHandler(this: RestService, request: IncomingMessage, response: ServerResponse, error: unknown) {
        answerProblem(this, request, response, error);
      },
      send404(this: RestService, request: IncomingMessage, response: ServerResponse) {
        answerProblem(
          this,
          request,
          response,
          problem('not-found', 'Nothing has this path; GET / names what there is.'),
        );
      },
    },
    created(this: GatewayService) {
      (ApiGateway.created as (this: Service) => void).call(this);
      const metrics = httpMetricsOf(this.broker);
      const bound = new InFlightBound(() => {
        metrics.refusedByOverload();
      });
      const allowOrigins = crossOrigin(options.access.corsOrigins);
      this.addresses = [...options.routes, ...pagesOf(this, options), ...(options.console?.routesOf(this) ?? [])];
      const calls = new Set(options.routes.map(({ method, path }) => `${method} ${path}`));
      const door: Door = {
        service: this,
        options,
        metrics,
        bound,
        calls,
        allowOrigins,
        logsEach: logsEachThing(this.broker),
        admission: null,
        state: 'starting',
      };
      this.addRoute({
        path: '/',
        mappingPolicy: 'restrict',
        bodyParsers: false,
        mergeParams: false,
        pathToRegexpOptions: { sensitive: true, trailing: false },
        aliases: aliasesOf(door),
      });
      this.listener = new HttpListener({
        host: options.host,
        port: options.port,
        receiveTimeoutMs: options.receiveTimeoutMs ?? DEFAULT_RECEIVE_TIMEOUT_MS,
        ...(options.readTimeoutMs !== undefined && { readTimeoutMs: options.readTimeoutMs }),
        drainTimeoutMs: options.requestTimeoutMs + DRAIN_MARGIN_MS,
        handle: (request, response) => {
          admit(door, request, response);
        },
        metrics,
      });
      followBroker(door);
    },
  };
  // Mixins are cast once, here: methods of moleculer-web are not in its types.
  return schema as unknown as Partial<ServiceSchema>;
}

/**
 * Listens before the broker connects to anything and stops before anything else does. Service handlers come too late for
 * the one and, when several services share a node, in no order for the other.
 */
function followBroker(door: Door): void {
  const { service, options } = door;
  const { broker } = service;
  addReadinessCheck(broker, `${service.name}.http`, () =>
    door.state === 'open' ? null : `this door is ${door.state}`,
  );
  const open = async (): Promise<void> => {
    // Before the port: a request that finds it open finds this, too.
    door.admission ??= openAdmission(options.access, service.logger, options.console?.sessions);
    await closeWaitingRoom(options.port);
    if (!(await service.listener.open())) return;
    for (const warning of accessWarnings(options.access)) service.logger.warn(warning);
    service.logger.info(`REST on port ${service.listener.port}.`);
  };
  const close = async (): Promise<void> => {
    door.state = 'stopping';
    // They would go on for as long as an order is undecided, and the listener waits for what is under way.
    service.liveOrders?.end();
    service.tabs?.end();
    await service.listener.close();
    door.admission?.close();
    door.admission = null;
  };
  broker.middlewares.add({
    name: 'RestDoor',
    // A middleware stays with the broker when its service is destroyed.
    starting: () => (broker.services.includes(service) ? open() : Promise.resolve()),
    serviceStarting: (starting: Service) => (starting === service ? open() : Promise.resolve()),
    serviceStarted: (started: Service) => {
      if (started === service) door.state = 'open';
      return Promise.resolve();
    },
    stopping: close,
    serviceStopping: (stopping: Service) => (stopping === service ? close() : Promise.resolve()),
  });
}

function targetOf(request: ReadRequest): Target {
  return request[TARGET] ?? { path: pathOfTarget(request.url ?? '/'), query: '' };
}

/** What holds for every request, before moleculer-web looks for its route. */
function admit(
  { service, metrics, bound, calls, allowOrigins }: Door,
  request: ReadRequest,
  response: ServerResponse,
): void {
  metrics.observe(request, response);
  const requestId = chooseRequestId(request.headers['x-request-id']);
  // moleculer-web would take either header as it is.
  request.headers['x-request-id'] = requestId;
  const path = pathOfTarget(request.url ?? '/');
  const refusal = calls.has(`${request.method ?? ''} ${path}`) ? bound.refusal() : null;
  // Under overload most requests end here, and everything below is most of what a refusal would cost.
  if (refusal !== null) {
    metrics.foundRoute(request, path);
    allowOrigins(request, response);
    answerProblem(service, request, response, refusal);
    return;
  }
  delete request.headers['x-correlation-id'];
  response.setHeader('X-Request-ID', requestId);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  if (allowOrigins(request, response) === 'answered') return;
  try {
    if (service.listener.unansweredOn(request.socket) > MAX_UNANSWERED_ON_CONNECTION) throw tooManyAtOnce();
    if (request.url === '*' && request.method === 'OPTIONS') {
      answerOptions(response, 'GET, HEAD, POST, OPTIONS');
      return;
    }
    const target = readTarget(request);
    request[TARGET] = target;
    // moleculer-web would cut it off; two addresses for one thing confuse caches and rules on paths.
    if (target.path.length > 1 && target.path.endsWith('/')) {
      throw problem('not-found', 'Paths do not end with a slash here: leave it out.');
    }
    withRequestId(requestId, () => void service.httpHandler(request, response));
  } catch (error) {
    answerProblem(service, request, response, error);
  }
}

function pagesOf({ name, broker }: Service, { routes, access }: RestOptions): Route[] {
  return pages({
    name,
    routes,
    needsToken: access.auth.mode === 'jwt',
    live,
    ready: () => ready(broker),
    metrics: registryOf(broker),
  });
}

/** Each path with the methods that it takes. */
function byPathAndMethod(addresses: readonly Address[]): Map<string, Map<string, Address>> {
  const byPath = new Map<string, Map<string, Address>>();
  for (const route of addresses) {
    const methods = byPath.get(route.path) ?? new Map<string, Address>();
    byPath.set(route.path, methods.set(route.method, route));
  }
  return byPath;
}

/** moleculer-web answers 404 to a method that a path does not take: each alias takes them all, and looks itself. */
function aliasesOf(door: Door): Record<string, unknown> {
  const aliases: Record<string, unknown> = {};
  for (const [path, methods] of byPathAndMethod(door.service.addresses)) {
    const allow = [...(methods.has('GET') ? ['GET', 'HEAD'] : []), ...(methods.has('POST') ? ['POST'] : []), 'OPTIONS'];
    aliases[path] = (request: IncomingRequest, response: GatewayResponse, next: (error: unknown) => void) => {
      const { method = '' } = request;
      door.metrics.foundRoute(request, path);
      if (method === 'OPTIONS') {
        answerOptions(response, allow.join(', '));
        return;
      }
      const route = methods.get(method === 'HEAD' ? 'GET' : method);
      if (route === undefined) next(methodNotAllowed(method, allow.join(', ')));
      else if (route.kind === 'page') serve(door, route, request, response).catch(next);
      else {
        const traced = { route: path, requestId: String(request.headers['x-request-id']) };
        traceRequest(traced, request, response, () => {
          if (door.logsEach) logAnswer(door.service, traced, request, response);
          return serve(door, route, request, response);
        }).catch(next);
      }
    };
  }
  return aliases;
}

/** A line for a request when it has its answer. */
function logAnswer(
  { logger }: Service,
  { route, requestId }: TracedRequest,
  { method }: IncomingMessage,
  response: ServerResponse,
): void {
  const startedAt = performance.now();
  const trace = activeTraceIds();
  response.once('close', () => {
    const durationMs = Math.round(performance.now() - startedAt);
    const status = response.headersSent ? response.statusCode : null;
    logger.debug(`${method ?? ''} ${route} is answered.`, { status, durationMs, requestId, ...trace });
  });
}

function tooManyAtOnce(): Error {
  return problem(
    'rate-limited',
    `A connection has at most ${MAX_UNANSWERED_ON_CONNECTION} requests under way; wait for answers. Nothing was done with this one.`,
  );
}

function methodNotAllowed(method: string, allow: string): Error {
  return problem('method-not-allowed', `This address takes ${allow}, and not ${method}.`, { allow });
}

/** A request that has found its address, stage by stage: each one may refuse it before the next has cost anything. */
async function serve(
  { service, options, state, bound, admission }: Door,
  route: Address,
  request: IncomingRequest,
  response: GatewayResponse,
): Promise<void> {
  if (admission === null) throw problem('service-unavailable', REFUSALS.stopping);
  // What is for people and supervisors is no call: it is needed most while a node starts, and under overload.
  const isCall = route.kind === 'call' || route.kind === 'stream';
  if (isCall && state !== 'open') throw problem('service-unavailable', REFUSALS[state]);
  const caller = await admission.admit(request, route.access).catch((error: unknown) => {
    if (route.kind === 'console' && route.refuse?.(response, error) === true) return null;
    throw error;
  });
  if (caller === null) return;
  if (isCall) bound.assertRoom();
  const exchange: Exchange = {
    request,
    response,
    caller,
    requestId: String(request.headers['x-request-id']),
    target: targetOf(request),
    params: (request.$params as { params: Record<string, string> }).params,
  };
  if (!isCall) {
    await route.answer(exchange);
    return;
  }
  const { $ctx } = request as { $ctx: Context<unknown, { idempotencyReplayed?: boolean }> };
  const call: CallAction = (action, input, meta) =>
    bound.run(async () => {
      const answer: unknown = await $ctx.call(action, input, { timeout: options.requestTimeoutMs, meta });
      // An action's own meta comes back with its answer.
      if ($ctx.meta.idempotencyReplayed === true) response.setHeader('Idempotency-Replayed', 'true');
      return answer;
    });
  if (route.kind === 'call') await answerCall(route, exchange, call);
  else await answerStream(route, exchange, call, liveOrdersOf(service));
}

function liveOrdersOf({ name, liveOrders }: RestService): LiveOrders {
  if (liveOrders === undefined) throw new Error(`The service ${name} has a stream and lacks the mixin liveOrders.`);
  return liveOrders;
}

/** The one place that turns errors into answers. */
function answerProblem(
  service: RestService,
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
): void {
  if (thrown instanceof ClientGone || response.destroyed) return;
  const requestId = String(request.headers['x-request-id']);
  const error = thrown instanceof CallFailed ? thrown.cause : thrown;
  const diagnosis = diagnose(error, thrown instanceof CallFailed ? thrown.whenOutcomeUnknown : undefined);
  if (diagnosis.type === 'internal-error') {
    const route = httpMetricsOf(service.broker).routeOf(request);
    service.logger.error(`${request.method ?? ''} ${route} met a defect.`, error);
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = problemAnswer(diagnosis, targetOf(request).path, requestId);
  response.removeHeader('Location');
  response.removeHeader('ETag');
  // Once more where they have been set: a refusal at the door comes before that.
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers });
  response.end(body);
}
