import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';
import { send, type HttpAnswer } from './http-client.ts';

/** One request of `requests.http`, its variables not yet filled in. */
export interface FileRequest {
  /** What stands after `###`. */
  readonly title: string;
  /** By which later requests use its answer; null when none does. */
  readonly name: string | null;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of the answer, as its comment says. */
  readonly status: number;
  readonly problem: string | null;
}

export interface HttpFile {
  readonly requests: readonly FileRequest[];
  /** Values as they stand, with variables in them. */
  readonly variables: Readonly<Record<string, string>>;
}

const VARIABLE = /^@(\w+) = (.*)$/;
const NAME = /^# @name (\w+)$/;
const EXPECTED = /^# (\d{3})(?: ([a-z-]+))?(?::|$)/;
const REQUEST_LINE = /^([A-Z]+) (\S+)$/;

/** Reads `requests.http`: the part of the editors' format that it uses, and nothing else. */
export function readHttpFile(): HttpFile {
  const text = readFileSync(join(projectRoot(), 'requests.http'), 'utf8');
  const [head = '', ...parts] = text.split(/^### ?/m);
  const variables = [head, ...parts].flatMap((part) => part.split('\n').flatMap((line) => variableOf(line) ?? []));
  return { requests: parts.map(requestOf), variables: Object.fromEntries(variables) };
}

function variableOf(line: string): [[string, string]] | null {
  const [, name, value] = VARIABLE.exec(line) ?? [];
  return name === undefined || value === undefined ? null : [[name, value]];
}

function requestOf(part: string): FileRequest {
  const [title = '', ...lines] = part.trimEnd().split('\n');
  const start = lines.findIndex((line) => REQUEST_LINE.test(line));
  const comments = lines.slice(0, start);
  const [, method = '', url = ''] = REQUEST_LINE.exec(lines[start] ?? '') ?? [];
  const [, status, problem = null] = comments.map((line) => EXPECTED.exec(line)).find((found) => found !== null) ?? [];
  if (status === undefined || method === '') throw new Error(`"${title}" has no request, or does not say its answer.`);
  const blank = lines.indexOf('', start);
  const end = blank === -1 ? lines.length : blank;
  return {
    title,
    method,
    url,
    problem,
    status: Number(status),
    name: comments.map((line) => NAME.exec(line)?.[1]).find((found) => found !== undefined) ?? null,
    headers: Object.fromEntries(
      lines
        .slice(start + 1, end)
        .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
    ),
    body: lines.slice(end + 1).join('\n'),
  };
}

/** Sends requests of the file one after the other, filling in variables and what earlier answers said. */
export class HttpFileSession {
  readonly #variables: Readonly<Record<string, string>>;
  readonly #answers = new Map<string, HttpAnswer>();

  /** @param variables those of the file, with the addresses of a running system */
  constructor(variables: Readonly<Record<string, string>>) {
    this.#variables = variables;
  }

  async send({ name, method, url, headers, body }: FileRequest): Promise<HttpAnswer> {
    const target = new URL(this.#fill(url));
    const answer = await send(Number(target.port), `${target.pathname}${target.search}`, {
      method,
      headers: Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, this.#fill(value)])),
      ...(body !== '' && { body: this.#fill(body) }),
    });
    if (name !== null) this.#answers.set(name, answer);
    return answer;
  }

  #fill(text: string): string {
    return text.replace(/\{\{([^}]+)\}\}/g, (_, expression: string) => this.#valueOf(expression));
  }

  #valueOf(expression: string): string {
    const [, name = '', part, field = ''] = /^(\w+)\.response\.(body\.\$|headers)\.([\w-]+)$/.exec(expression) ?? [];
    const answer = this.#answers.get(name);
    const found =
      part === undefined
        ? this.#variables[expression]
        : part === 'headers'
          ? answer?.headers[field.toLowerCase()]
          : answer?.json?.[field];
    if (typeof found !== 'string') throw new Error(`Nothing has said what {{${expression}}} is.`);
    return this.#fill(found);
  }
}
