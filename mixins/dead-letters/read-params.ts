import { problem } from '../../problems/problems.ts';
import { SIDES, type ActKind, type Side } from '../../contract/dead-letters.ts';
import type { ActRequest } from './act.ts';
import { FieldReader, isEverything, readSelection, type Selection } from './selection.ts';

const PAGE_DEFAULT_LETTERS = 50;
const PAGE_MAX_LETTERS = 500;
/** One call is answered within a caller's patience; whoever has more calls again. */
const ACT_DEFAULT_LETTERS = 500;
const ACT_MAX_LETTERS = 5000;
/** Of the ten seconds that a call has by default; the last transaction still has to end. */
const ACT_DEFAULT_MS = 5000;
const ACT_MAX_MS = 30_000;

/** Which letters to list, and where the page begins. */
export interface ListParams {
  readonly side: Side;
  readonly selection: Selection;
  readonly after: string;
  readonly limit: number;
}

export function readListParams(params: unknown): ListParams {
  return read(params, (fields) => ({
    side: fields.oneOf('side', SIDES, 'consumer'),
    selection: readSelection(fields),
    after: fields.id('after') ?? '0',
    limit: fields.number('limit', PAGE_DEFAULT_LETTERS, PAGE_MAX_LETTERS),
  }));
}

export function readShowParams(params: unknown): { side: Side; id: string } {
  return read(params, (fields) => ({
    side: fields.oneOf('side', SIDES, 'consumer'),
    id: fields.id('id') ?? fields.requiredText('id', 'Which letter: its id, as list shows it.'),
  }));
}

export function readActsParams(params: unknown): { before: string | null; limit: number } {
  return read(params, (fields) => ({
    before: fields.id('before'),
    limit: fields.number('limit', PAGE_DEFAULT_LETTERS, PAGE_MAX_LETTERS),
  }));
}

/** @throws invalid-input when it does not say who, why and which */
export function readActParams(kind: ActKind, params: unknown): { side: Side; request: ActRequest } {
  return read(params, (fields) => {
    const side = fields.oneOf('side', SIDES, 'consumer');
    const all = fields.boolean('all', false);
    const request: ActRequest = {
      kind,
      selection: readSelection(fields),
      by: fields.requiredText('by', `Say who does it: every ${kind} is recorded.`),
      why: fields.requiredText('why', `Say why: every ${kind} is recorded.`),
      dryRun: fields.boolean('dryRun', true),
      force: fields.boolean('force', false),
      after: fields.id('after') ?? '0',
      limit: fields.number('limit', ACT_DEFAULT_LETTERS, ACT_MAX_LETTERS),
      until: performance.now() + fields.number('withinMs', ACT_DEFAULT_MS, ACT_MAX_MS),
    };
    if (!all && isEverything(request.selection)) {
      fields.errors.push({
        pointer: '/ids',
        detail: `Say which letters: ids, aggregate, consumer, key, reason, type, from, to, or all true.`,
      });
    }
    return { side, request };
  });
}

function read<T>(params: unknown, readFields: (fields: FieldReader) => T): T {
  const fields = new FieldReader(params);
  const value = readFields(fields);
  fields.refuseOthers();
  if (fields.errors.length === 0) return value;
  const said = fields.errors.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`).join(' ');
  throw problem('invalid-input', `Nothing was done. ${said}`, { errors: fields.errors });
}
