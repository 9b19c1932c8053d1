import { Type } from '@sinclair/typebox';
import { PROBLEMS } from '../../problems/problems.ts';
import type { PageDocumentation } from './documentation.ts';

/** What the document says about what each door answers by itself. */

const HTML = 'text/html';
const JSON_TYPE = 'application/json';

const strings = Type.Array(Type.String());

export const index: PageDocumentation = {
  operationId: 'showIndex',
  tag: 'Documentation',
  summary: 'What there is at this door',
  description: 'Every address, for those who look around.',
  answers: {
    200: {
      description: 'The addresses.',
      mediaType: JSON_TYPE,
      schema: Type.Object({
        name: Type.String(),
        calls: strings,
        health: strings,
        metrics: Type.String(),
        documentation: strings,
        problems: strings,
      }),
    },
  },
  problems: [],
};

export const live: PageDocumentation = {
  operationId: 'checkLive',
  tag: 'Operation',
  summary: 'Whether the process runs',
  description: 'For a supervisor: no answer means that a restart may help.',
  answers: {
    200: {
      description: 'It runs.',
      mediaType: JSON_TYPE,
      schema: Type.Object({ status: Type.Literal('live') }),
      example: { status: 'live' },
      headers: ['Cache-Control'],
    },
  },
  problems: [],
};

export const ready: PageDocumentation = {
  operationId: 'checkReady',
  tag: 'Operation',
  summary: 'Whether the node can do its work',
  description: 'For a load balancer: 503 names each part that cannot, and why. That is no problem document.',
  answers: {
    200: {
      description: 'It can.',
      mediaType: JSON_TYPE,
      schema: Type.Object({ status: Type.Literal('ready') }),
      example: { status: 'ready' },
      headers: ['Cache-Control'],
    },
    503: {
      description: 'It cannot.',
      mediaType: JSON_TYPE,
      schema: Type.Object({
        status: Type.Literal('unready'),
        parts: Type.Array(Type.Object({ part: Type.String(), detail: Type.String() }), { minItems: 1 }),
      }),
      example: { status: 'unready', parts: [{ part: 'orders.http', detail: 'this door is starting' }] },
      headers: ['Cache-Control'],
    },
  },
  problems: [],
};

export const metrics: PageDocumentation = {
  operationId: 'readMetrics',
  tag: 'Operation',
  summary: 'What the node measures',
  description: 'In the text format of Prometheus.',
  answers: { 200: { description: 'The metrics.', mediaType: 'text/plain' } },
  problems: [],
};

export const problemIndex: PageDocumentation = {
  operationId: 'listProblems',
  tag: 'Documentation',
  summary: 'Every kind of problem',
  description: 'With a link to the page of each.',
  answers: { 200: { description: 'The list.', mediaType: HTML } },
  problems: [],
};

export const problem: PageDocumentation = {
  operationId: 'showProblem',
  tag: 'Documentation',
  summary: 'What a kind of problem means',
  description: 'The page that `type` of a problem leads to: what it means, what to do, and who answers it.',
  parameters: Type.Object({
    type: Type.Unsafe({
      type: 'string',
      enum: Object.keys(PROBLEMS),
      description: 'The last part of the `type`.',
    }),
  }),
  answers: { 200: { description: 'The page.', mediaType: HTML } },
  problems: ['not-found'],
};

export const openApi: PageDocumentation = {
  operationId: 'showOpenApi',
  tag: 'Documentation',
  summary: 'This description',
  description: 'OpenAPI 3.1, made from the definitions that requests are checked by.',
  answers: {
    200: {
      description: 'The document.',
      mediaType: JSON_TYPE,
      schema: Type.Unsafe({ type: 'object', required: ['openapi', 'info', 'paths', 'components'] }),
      headers: ['Cache-Control', 'ETag'],
    },
    304: { description: 'What `If-None-Match` names still holds.', headers: ['Cache-Control', 'ETag'] },
  },
  requestHeaders: ['If-None-Match'],
  problems: [],
};

export const asyncApi: PageDocumentation = {
  operationId: 'showAsyncApi',
  tag: 'Documentation',
  summary: 'The events and their topics',
  description:
    'AsyncAPI 3.0, made from the schemas that events are checked by when they are written and when they are read.',
  answers: {
    200: {
      description: 'The document.',
      mediaType: JSON_TYPE,
      schema: Type.Unsafe({ type: 'object', required: ['asyncapi', 'info', 'channels', 'operations', 'components'] }),
      headers: ['Cache-Control', 'ETag'],
    },
    304: { description: 'What `If-None-Match` names still holds.', headers: ['Cache-Control', 'ETag'] },
  },
  requestHeaders: ['If-None-Match'],
  problems: [],
};

export const docs: PageDocumentation = {
  operationId: 'showDocs',
  tag: 'Documentation',
  summary: 'This description, to look at and to try',
  description: 'Swagger UI, served by the door itself: it asks nobody else.',
  answers: { 200: { description: 'The page.', mediaType: HTML } },
  problems: [],
};

/** @param mediaTypes of the files, by their names */
export function docsFile(mediaTypes: Readonly<Record<string, string>>): PageDocumentation {
  return {
    operationId: 'loadDocsFile',
    tag: 'Documentation',
    summary: 'A file of the page',
    description: 'Scripts, styles and pictures of `/docs`.',
    parameters: Type.Object({
      file: Type.Unsafe({ type: 'string', enum: Object.keys(mediaTypes), description: 'Its name.' }),
    }),
    answers: {
      200: {
        description: 'The file.',
        mediaType: [...new Set(Object.values(mediaTypes))],
        headers: ['Cache-Control'],
      },
    },
    problems: ['not-found'],
  };
}
