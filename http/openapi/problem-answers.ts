import { ProblemSchema } from '../../contract/problem.ts';
import { PROBLEMS, type ProblemType } from '../../problems/problems.ts';
import type { ProblemAnswer } from '../problem-answer.ts';
import type { Route } from '../route.ts';
import { ANSWER_HEADERS, answerHeaders, type AnswerHeader } from './headers.ts';
import type { Json } from './json.ts';
import { exampleAnswer } from './problem-examples.ts';
import { problemsOf } from './problems-of.ts';
import type { Schemas } from './schemas.ts';

/** What every answer may carry, and which the document is silent about. */
const GENERAL_HEADERS = new Set(['Content-Type', 'Content-Length']);

/** The problems that an address answers, by status: where several have one, `type` tells them apart. */
export function problemAnswersOf(route: Route, schemas: Schemas): Json {
  const byStatus = Map.groupBy(problemsOf(route), (type) => PROBLEMS[type].status);
  return Object.fromEntries([...byStatus].map(([status, types]) => [status, answerOf(route, status, types, schemas)]));
}

function answerOf(route: Route, status: number, types: readonly ProblemType[], schemas: Schemas): Json {
  const answers = types.map((type) => ({ type, ...exampleAnswer(type, route) }));
  const uris = types.map((type) => `/problems/${type}`);
  return {
    description: types.map((type) => `${PROBLEMS[type].title}: [${type}](/problems/${type}).`).join('\n'),
    headers: headersOf(answers),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [schemas.refer(ProblemSchema)],
          required: ['type', 'status'],
          properties: { type: uris.length === 1 ? { const: uris[0] } : { enum: uris }, status: { const: status } },
        },
        examples: Object.fromEntries(
          answers.map(({ type, body }) => [
            type,
            { summary: PROBLEMS[type].title, value: JSON.parse(body) as unknown },
          ]),
        ),
      },
    },
  };
}

/** Those that some kinds have and others do not are not promised. */
function headersOf(answers: readonly ProblemAnswer[]): Json {
  const names = answers.flatMap(({ headers }) => Object.keys(headers)).filter((name) => !GENERAL_HEADERS.has(name));
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => {
      if (!isDescribed(name)) throw new Error(`The header ${name} of a problem is described nowhere.`);
      const isPromised = answers.every(({ headers }) => Object.hasOwn(headers, name));
      return Object.entries(
        isPromised ? answerHeaders([name]) : { [name]: { ...ANSWER_HEADERS[name], required: false } },
      );
    }),
  );
}

function isDescribed(name: string): name is AnswerHeader {
  return Object.hasOwn(ANSWER_HEADERS, name);
}
