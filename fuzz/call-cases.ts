import fc, { type Arbitrary } from 'fast-check';
import { expectation, refusalsOfBody, refusalsOfHead, wireRequest, type Body, type Head } from './compose.ts';
import type { Door, FuzzCase, Outcome } from './fuzz-case.ts';
import {
  chunkings,
  contentTypes,
  damage,
  field,
  objectText,
  sendings,
  unknownMembers,
  type Member,
} from './generators/bodies.ts';
import { accepts, idempotencyKeys, idleHeaders, requestIds } from './generators/headers.ts';
import {
  named,
  origins,
  readMethods,
  segment,
  strayParameters,
  versions,
  type Parameter,
} from './generators/targets.ts';
import type { CheckOk, Sent } from './oracle/check-ok.ts';
import { amountOf, type Json, type Judge } from './oracle/values.ts';

/** Requests to one call, from the values that its fields and parameters take. */

export interface Address {
  /** As in the contract. */
  readonly name: string;
  /** With `:name` for what is in it. */
  readonly path: string;
  readonly door: Door;
}

export interface PostCall {
  readonly fields: Readonly<Record<string, { readonly values: Arbitrary<Json>; readonly judge: Judge<Json> }>>;
  /** Of a request in which nothing is wrong. */
  readonly outcomes: (sent: Sent) => readonly Outcome[];
  readonly status: number;
  readonly check: (sent: Sent) => CheckOk;
}

export interface GetCall {
  readonly path: {
    readonly name: string;
    readonly texts: Arbitrary<string>;
    readonly judge: Judge<string>;
    /** Of one that the judge refuses. */
    readonly refusal: Outcome;
  } | null;
  readonly query: Readonly<
    Record<string, { readonly values: Arbitrary<string>; readonly judge: Judge<string>; readonly usual: number }>
  >;
  /** What is answered in; JSON, if not given. */
  readonly mediaType?: string;
  readonly outcomes: (sent: Sent) => readonly Outcome[];
  readonly check: (sent: Sent) => CheckOk;
}

const heads = { origin: origins, version: versions, requestId: requestIds, idle: idleHeaders };

export function postCases(address: Address, call: PostCall): Arbitrary<FuzzCase> {
  const fields = Object.entries(call.fields).map(([name, { values }]) => field(name, values));
  return fc
    .record({
      ...heads,
      accept: accepts('application/json'),
      fields: fc.tuple(...fields),
      unknown: unknownMembers,
      order: fc.nat(5),
      separator: fc.constantFrom(',', ' ,\n\t'),
      stray: strayParameters,
      damage,
      contentType: contentTypes,
      sending: sendings,
      chunkBytes: chunkings,
      key: idempotencyKeys,
    })
    .map((parts): FuzzCase => {
      const members = rotated(
        [...parts.fields, ...parts.unknown].filter((member) => member !== null),
        parts.order,
      );
      const text = objectText(members, parts.separator);
      const content = parts.damage.value(text);
      const body: Body = { ...parts, content, encoded: parts.sending.value.encode(content) };
      const head: Head = { ...parts, method: 'POST', path: address.path, query: queryText(parts.stray) };
      const isObject = parts.damage.refusals.length === 0 && !hasDuplicate(members);
      const refusals = [
        ...refusalsOfHead(head),
        ...refusalsOfBody(body),
        ...parts.damage.refusals,
        ...(hasDuplicate(members) ? ['malformed-json'] : []),
        ...undecodable(parts.stray),
      ];
      const sent = sentFields(members);
      return {
        endpoint: address.name,
        door: address.door,
        request: wireRequest(head, parts.key.value, body),
        expected: expectation(
          {
            refusals,
            pointers: pointerSets(
              strayNames(parts.stray),
              parts.key.refusals.length > 0 ? ['Idempotency-Key'] : [],
              isObject ? badMembers(members, call) : [],
            ),
            outcomes: call.outcomes(sent),
          },
          { status: call.status, check: call.check(sent) },
        ),
      };
    });
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function hasDuplicate(members: readonly Member[]): boolean {
  return new Set(members.map(({ name }) => name)).size < members.length;
}

function badMembers(members: readonly Member[], { fields }: PostCall): string[] {
  const given = new Map(members.map(({ name, value }) => [name, value]));
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(fields, name));
  const bad = Object.entries(fields).flatMap(([name, { judge }]) => (judge(given.get(name)) ? [] : [name]));
  return [...unknown, ...bad].map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

function sentFields(members: readonly Member[]): Sent {
  const given = new Map(members.map(({ name, value }) => [name, value]));
  const [userId, amount, description] = ['userId', 'amount', 'description'].map((name) => given.get(name));
  const cents = amount === undefined ? null : amountOf(amount);
  return {
    ...(userId !== undefined && { userId: userId.kind === 'string' ? userId.text : userId.source }),
    ...(cents !== null && { amount: cents }),
    description: description?.kind === 'string' ? description.text : null,
  };
}

/** A query on a POST, a header and the body: any of them may be judged first, or all together. */
function pointerSets(...sources: readonly (readonly string[])[]): string[][] {
  const bad = sources.filter((source) => source.length > 0).map((source) => [...source]);
  return bad.length > 1 ? [...bad, bad.flat()] : bad;
}

function queryText(parameters: readonly Parameter[]): string {
  return parameters.length === 0 ? '' : `?${parameters.map(({ source }) => source).join('&')}`;
}

function undecodable(parameters: readonly Parameter[]): Outcome[] {
  return parameters.some(({ decoded }) => decoded === null) ? ['malformed-request'] : [];
}

function strayNames(parameters: readonly Parameter[]): string[] {
  return [...new Set(parameters.flatMap(({ decoded }) => (decoded === null ? [] : [decoded.name])))];
}

export function getCases(address: Address, call: GetCall): Arbitrary<FuzzCase> {
  const parameters = Object.entries(call.query).map(([name, { values, usual }]) => named(name, values, usual));
  return fc
    .record({
      ...heads,
      accept: accepts(call.mediaType ?? 'application/json'),
      method: readMethods,
      named: fc.tuple(...parameters),
      stray: strayParameters,
      segment: call.path === null ? fc.constant(null) : segment(call.path.texts),
      order: fc.nat(5),
    })
    .map((parts): FuzzCase => {
      const all = rotated([...parts.named.flat(), ...parts.stray], parts.order);
      const path = address.path.replace(/:\w+/, () => parts.segment?.source ?? '');
      const head: Head = { ...parts, path, query: queryText(all) };
      const isPathBad = call.path !== null && !call.path.judge(parts.segment?.text);
      const badPath = isPathBad && call.path.refusal === 'invalid-input' ? [call.path.name] : [];
      const otherRefusal = isPathBad && call.path.refusal !== 'invalid-input' ? [call.path.refusal] : [];
      const sent = sentParameters(call, parts.segment?.text, all);
      return {
        endpoint: address.name,
        door: address.door,
        request: wireRequest(head, [], null),
        expected: expectation(
          {
            refusals: [...refusalsOfHead(head), ...undecodable(all), ...otherRefusal],
            pointers: parameterPointers(badPath, badParameters(all, call)),
            outcomes: call.outcomes(sent),
          },
          { status: 200, check: parts.method === 'HEAD' ? () => [] : call.check(sent) },
        ),
      };
    });
}

function badParameters(all: readonly Parameter[], { query }: GetCall): string[] {
  const given = Map.groupBy(
    all.flatMap(({ decoded }) => (decoded === null ? [] : [decoded])),
    ({ name }) => name,
  );
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(query, name));
  const bad = Object.entries(query).flatMap(([name, { judge }]) => {
    const values = given.get(name) ?? [];
    return values.length <= 1 && judge(values[0]?.value) ? [] : [name];
  });
  return [...unknown, ...bad];
}

/** Path and query are judged together; a call that takes no query may refuse one first. A cursor is judged in its list. */
function parameterPointers(badPath: readonly string[], badQuery: readonly string[]): string[][] {
  const sets = pointerSets(badPath, badQuery);
  const isListUnknown = [...badPath, ...badQuery].some((name) => name === 'userId' || name === 'status');
  if (!isListUnknown || !badQuery.includes('cursor')) return sets;
  return [...sets, ...sets.map((set) => set.filter((name) => name !== 'cursor'))];
}

function sentParameters({ path }: GetCall, text: string | undefined, all: readonly Parameter[]): Sent {
  const given = Object.fromEntries(
    all.flatMap(({ decoded }) => (decoded === null ? [] : [[decoded.name, decoded.value] as const])),
  );
  return {
    ...(given['userId'] !== undefined && { userId: given['userId'] }),
    ...(given['status'] !== undefined && { status: given['status'] }),
    ...(given['limit'] !== undefined && { limit: given['limit'] }),
    ...(path !== null && text !== undefined && { [path.name]: text }),
  };
}
