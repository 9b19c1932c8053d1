import { PROBLEMS } from '../../problems/problems.ts';
import type { HttpAnswer } from './http-client.ts';

export function expectProblem(answer: HttpAnswer, status: number, type: string): void {
  expect({ status: answer.status, type: answer.json?.type }).toEqual({ status, type: `/problems/${type}` });
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.json).toMatchObject({
    status,
    title: PROBLEMS[type as keyof typeof PROBLEMS].title,
    detail: expect.any(String) as string,
    instance: expect.stringMatching(/^\//) as string,
    requestId: answer.headers['x-request-id'],
  });
  expect(answer.text).not.toMatch(/\bat .*\.(ts|js):\d+/);
}

export function badFieldsOf(answer: HttpAnswer): string[] {
  expectProblem(answer, 422, 'invalid-input');
  return (answer.json?.errors as { pointer: string }[]).map(({ pointer }) => pointer);
}
