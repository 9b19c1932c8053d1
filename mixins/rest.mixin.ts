import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Service, ServiceSchema } from 'moleculer';
import ApiGateway, { type GatewayResponse, type IncomingRequest } from 'moleculer-web';
import { addReadinessCheck } from '../health/readiness.ts';
import { acceptsJson } from '../http/accept.ts';
import { live, ready, type HealthAnswer } from '../http/health.ts';
import { HttpListener } from '../http/listener.ts';
import { diagnose, problemAnswer } from '../http/problem-answer.ts';
import { problemPage } from '../http/problem-page.ts';
import { ClientGone } from '../http/read-body.ts';
import { readInput } from '../http/read-input.ts';
import { chooseRequestId } from '../http/request-id.ts';
import type { CallRoute } from '../http/routes.ts';
import { readTarget, type Target } from '../http/target.ts';
import { problem, PROBLEMS } from '../problems/problems.ts';

export interface RestOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly routes: readonly CallRoute[];
  /** How long a call may take until its client is answered. */
  readonly requestTimeoutMs: number;
  /** How long a request may take to arrive. */
  readonly receiveTimeoutMs?: number;
}

/** What the mixin gives to its service. */
export interface RestService extends Service {
  listener: HttpListener;
}

/** moleculer-web's own methods that this mixin builds on; they are not in its types. */
interface GatewayService extends RestService {
  httpHandler(request: IncomingMessage, response: ServerResponse): Promise<void>;
  addRoute(route: object): void;
}

type State = 'starting' | 'open' | 'stopping';
type Handler = (request: IncomingRequest, response: GatewayResponse) => Promise<void> | void;

/** A request has at most 32 KiB: who needs longer holds a connection rather than sends one. */
const DEFAULT_RECEIVE_TIMEOUT_MS = 10_000;
/** After the longest call: its answer has to be written, too. */
const DRAIN_MARGIN_MS = 1000;
const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';
const REFUSALS: Record<Exclude<State, 'open'>, string> = {
  starting: 'This node is still starting. Nothing was done; try again.',
  stopping: 'This node is stopping. Nothing was done; try again.',
};

const targets = new WeakMap<IncomingMessage, Target>();

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
      const state = { now: 'starting' as State };
      this.addRoute({
        path: '/',
        mappingPolicy: 'restrict',
        bodyParsers: false,
        mergeParams: false,
        pathToRegexpOptions: { sensitive: true, trailing: false },
        aliases: aliasesOf(addresses(this, options, state)),
      });
      this.listener = new HttpListener({
        host: options.host,
        port: options.port,
        receiveTimeoutMs: options.receiveTimeoutMs ?? DEFAULT_RECEIVE_TIMEOUT_MS,
        drainTimeoutMs: options.requestTimeoutMs + DRAIN_MARGIN_MS,
        handle: (request, response) => {
          admit(this, request, response);
        },
      });
      followBroker(this, state);
    },
  };
  // Mixins are cast once, here: methods of moleculer-web are not in its types.
  return schema as unknown as Partial<ServiceSchema>;
}

/**
 * Listens before the broker connects to anything and stops before anything else does. Service handlers come too late for
 * the one and, when several services share a node, in no order for the other.
 */
function followBroker(service: RestService, state: { now: State }): void {
  const { broker } = service;
  addReadinessCheck(broker, `${service.name}.http`, () => (state.now === 'open' ? null : `this door is ${state.now}`));
  const open = async (): Promise<void> => {
    if (await service.listener.open()) service.logger.info(`REST on port ${service.listener.port}.`);
  };
  const close = async (): Promise<void> => {
    state.now = 'stopping';
    await service.listener.close();
  };
  broker.middlewares.add({
    name: 'RestDoor',
    // A middleware stays with the broker when its service is destroyed.
    starting: () => (broker.services.includes(service) ? open() : Promise.resolve()),
    serviceStarting: (starting: Service) => (starting === service ? open() : Promise.resolve()),
    serviceStarted: (started: Service) => {
      if (started === service) state.now = 'open';
      return Promise.resolve();
    },
    stopping: close,
    serviceStopping: (stopping: Service) => (stopping === service ? close() : Promise.resolve()),
  });
}

function targetOf(request: IncomingMessage): Target {
  return targets.get(request) ?? { path: (request.url ?? '/').replace(/\?.*/s, ''), query: '' };
}

/** What holds for every request, before moleculer-web looks for its route. */
function admit(service: GatewayService, request: IncomingMessage, response: ServerResponse): void {
  const requestId = chooseRequestId(request.headers['x-request-id']);
  // moleculer-web would take either header as it is.
  request.headers['x-request-id'] = requestId;
  delete request.headers['x-correlation-id'];
  response.setHeader('X-Request-ID', requestId);
  try {
    if (request.url === '*') {
      answerOptions(response, 'GET, HEAD, POST, OPTIONS');
      return;
    }
    const target = readTarget(request);
    targets.set(request, target);
    // moleculer-web would cut it off; two addresses for one thing confuse caches and rules on paths.
    if (target.path.length > 1 && target.path.endsWith('/')) {
      throw problem('not-found', 'Paths do not end with a slash here.');
    }
    void service.httpHandler(request, response);
  } catch (error) {
    answerProblem(service, request, response, error);
  }
}

/** Handlers by path and method. */
function addresses(
  service: RestService,
  options: RestOptions,
  state: { now: State },
): Map<string, Map<string, Handler>> {
  const byPath = new Map<string, Map<string, Handler>>();
  const add = (method: string, path: string, handler: Handler): void => {
    const methods = byPath.get(path) ?? new Map<string, Handler>();
    byPath.set(path, methods.set(method, handler));
  };
  for (const route of options.routes) {
    add(route.method, route.path, (request, response) => {
      if (state.now !== 'open') throw problem('service-unavailable', REFUSALS[state.now]);
      return answerCall(service, route, options.requestTimeoutMs, request, response);
    });
  }
  add('GET', '/health/live', (_request, response) => {
    answerHealth(response, live());
  });
  add('GET', '/health/ready', (_request, response) => {
    answerHealth(response, ready(service.broker));
  });
  add('GET', '/problems/:type', (request, response) => {
    answerProblemPage(request, response);
  });
  add('GET', '/', (_request, response) => {
    answerIndex(response, service.name, options.routes);
  });
  return byPath;
}

/** moleculer-web answers 404 to a method that a path does not take: each alias takes them all, and looks itself. */
function aliasesOf(byPath: Map<string, Map<string, Handler>>): Record<string, unknown> {
  const aliases: Record<string, unknown> = {};
  for (const [path, methods] of byPath) {
    const allow = [...(methods.has('GET') ? ['GET', 'HEAD'] : []), ...(methods.has('POST') ? ['POST'] : []), 'OPTIONS'];
    aliases[path] = (request: IncomingRequest, response: GatewayResponse, next: (error: unknown) => void) => {
      dispatch(methods, allow.join(', '), request, response).catch(next);
    };
  }
  return aliases;
}

async function dispatch(
  methods: Map<string, Handler>,
  allow: string,
  request: IncomingRequest,
  response: GatewayResponse,
): Promise<void> {
  const { method = '' } = request;
  if (method === 'OPTIONS') {
    answerOptions(response, allow);
    return;
  }
  const handler = methods.get(method === 'HEAD' ? 'GET' : method);
  if (handler === undefined) {
    throw problem('method-not-allowed', `This address takes ${allow}, and not ${method}.`, { allow });
  }
  await handler(request, response);
}

async function answerCall(
  service: RestService,
  route: CallRoute,
  timeoutMs: number,
  request: IncomingRequest,
  response: GatewayResponse,
): Promise<void> {
  if (!acceptsJson(request.headers.accept)) {
    throw problem('not-acceptable', 'Let the Accept header include application/json, or leave it out.');
  }
  const { params } = request.$params as { params: Record<string, string> };
  const input = route.parse(await readInput(route, request, targetOf(request).query, params));
  let answer: unknown;
  try {
    const requestId = request.headers['x-request-id'];
    answer = await request.$ctx.call(route.action, input, { timeout: timeoutMs, meta: { requestId } });
  } catch (error) {
    answerProblem(service, request, response, error, route.whenOutcomeUnknown);
    return;
  }
  if (route.location !== undefined) response.setHeader('Location', route.location(answer));
  response.setHeader('Cache-Control', route.method === 'GET' ? 'private, no-cache' : 'no-store');
  answerJson(response, route.status, route.represent(answer));
}

function answerJson(response: ServerResponse, status: number, value: object): void {
  send(response, status, JSON_MEDIA_TYPE, JSON.stringify(value));
}

function send(response: ServerResponse, status: number, mediaType: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': mediaType,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

function answerOptions(response: ServerResponse, allow: string): void {
  response.writeHead(204, { Allow: allow });
  response.end();
}

function answerHealth(response: ServerResponse, { status, body }: HealthAnswer): void {
  response.setHeader('Cache-Control', 'no-store');
  answerJson(response, status, body);
}

function answerProblemPage(request: IncomingRequest, response: ServerResponse): void {
  const { params } = request.$params as { params: { type: string } };
  const page = problemPage(params.type);
  if (page === null) {
    throw problem('not-found', `There is no such kind of problem; there are ${Object.keys(PROBLEMS).join(', ')}.`);
  }
  send(response, 200, 'text/html; charset=utf-8', page);
}

function answerIndex(response: ServerResponse, name: string, routes: readonly CallRoute[]): void {
  answerJson(response, 200, {
    name,
    calls: routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
    health: ['/health/live', '/health/ready'],
    problems: Object.keys(PROBLEMS).map((type) => `/problems/${type}`),
  });
}

/** The one place that turns errors into answers. */
function answerProblem(
  service: RestService,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  whenOutcomeUnknown?: string,
): void {
  if (error instanceof ClientGone || response.destroyed) return;
  const requestId = String(request.headers['x-request-id']);
  const diagnosis = diagnose(error, whenOutcomeUnknown);
  if (diagnosis.type === 'internal-error') {
    service.logger.error(
      `Request ${requestId}, ${request.method ?? ''} ${targetOf(request).path}, met a defect:`,
      error,
    );
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = problemAnswer(diagnosis, targetOf(request).path, requestId);
  response.removeHeader('Location');
  response.writeHead(status, headers);
  response.end(body);
}
