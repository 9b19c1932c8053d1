import { Type } from '@sinclair/typebox';
import { defineInput } from './define-input.ts';
import { toggle } from './order-decisions.ts';
import { remark } from './reconcile.ts';
import type { Value } from './values.ts';

/** `<service>.replay`, `<service>.replay.show`, `<service>.replay.stop`: for operators, no part of the REST contract. */

export interface ReplayInput {
  /** One of the service's consumers: the second half of `payments.pay`, or all of it. */
  readonly consumer: string;
  /** Records that Kafka appended at this time or later; null: from the first that there is. RFC 3339. */
  readonly from: string | null;
  /** Records that Kafka appended before this time; null: up to the last that there is now. RFC 3339. */
  readonly to: string | null;
  /** Instead of `from`: the first offset, of each partition. */
  readonly fromOffset: string | null;
  /** Instead of `to`: the offset after the last one, of each partition. */
  readonly toOffset: string | null;
  /** null: all of them. */
  readonly partitions: readonly number[] | null;
  /** Only counts what would be done. */
  readonly dryRun: boolean;
  readonly by: string;
  readonly why: string;
}

export interface ReplayIdInput {
  readonly replayId: string;
}

const MAX_NAME = 200;
/** More than any topic here has. */
const MAX_PARTITION = 9999;
const OFFSET = /^\d{1,18}$/;
/** RFC 3339 with an offset from UTC: a time without one means another moment on each machine. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Nullable<T> = Value<T | null>;

function text(detail: string, accepts: (value: string) => boolean): Value<string> {
  return {
    schema: Type.String(),
    check: (value) => (typeof value === 'string' && accepts(value) ? { ok: true, value } : { ok: false, detail }),
  };
}

function orNull<T>({ schema, check }: Value<T>): Nullable<T> {
  return {
    schema: Type.Union([schema, Type.Null()]),
    check: (value) => (value === undefined || value === null ? { ok: true, value: null } : check(value)),
  };
}

const instant = orNull(
  text(
    'This is a time with its offset from UTC, for example 2026-11-23T07:00:00Z.',
    (value) => INSTANT.test(value) && !Number.isNaN(Date.parse(value)),
  ),
);

const offset: Nullable<string> = orNull({
  schema: Type.Union([Type.Integer({ minimum: 0 }), Type.String()]),
  check: (value) =>
    (typeof value === 'string' || Number.isSafeInteger(value)) && OFFSET.test(String(value))
      ? { ok: true, value: String(value) }
      : { ok: false, detail: 'This is an offset: a whole number from 0.' },
});

const partitions: Nullable<readonly number[]> = orNull({
  schema: Type.Array(Type.Integer({ minimum: 0, maximum: MAX_PARTITION })),
  check: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => Number.isInteger(each) && each >= 0 && each <= MAX_PARTITION)
      ? { ok: true, value: [...new Set(value as number[])] }
      : { ok: false, detail: 'This is a list of partition numbers, such as [0, 3].' },
});

const required: Value<string> = {
  schema: remark.schema,
  check(value) {
    const checked = remark.check(value);
    if (!checked.ok) return checked;
    return checked.value === null
      ? { ok: false, detail: 'Replays are recorded with who and why: this field is required.' }
      : { ok: true, value: checked.value };
  },
};

export const replayInput = defineInput<ReplayInput>(
  'body',
  {
    consumer: text('This is the name of a consumer of this service.', (name) => name !== '' && name.length <= MAX_NAME),
    from: instant,
    to: instant,
    fromOffset: offset,
    toOffset: offset,
    partitions,
    dryRun: toggle,
    by: required,
    why: required,
  },
  {
    judge: {
      fields: ['from', 'to', 'fromOffset', 'toOffset'],
      errorsOf: ({ from, to, fromOffset, toOffset }) => [
        ...(from !== null && fromOffset !== null
          ? [{ pointer: '/fromOffset', detail: 'Either a time or an offset to begin with, not both.' }]
          : []),
        ...(to !== null && toOffset !== null
          ? [{ pointer: '/toOffset', detail: 'Either a time or an offset to end before, not both.' }]
          : []),
      ],
    },
  },
);

export const replayIdInput = defineInput<ReplayIdInput>('body', {
  replayId: text('This is the replayId that starting the replay answered.', (value) => UUID.test(value)),
});

/** How far one partition of a replay is. Offsets as text. */
export interface ReplayedPartition {
  readonly partition: number;
  readonly first: string;
  /** The next one to be settled. */
  readonly next: string;
  /** The offset after the last one. */
  readonly end: string;
}

/** What a replay has found so far; of a dry run, what it would do. */
export interface ReplayCounts {
  /** Events that the handler was given: none of them had an inbox row. */
  readonly fresh: number;
  readonly duplicates: number;
  /** New dead letters. */
  readonly parked: number;
  /** Records of a type that the consumer does not know. */
  readonly skipped: number;
  /** Of the fresh ones: so old that the inbox may have dropped their rows, so it cannot say whether they were settled. */
  readonly olderThanInbox: number;
}

/**
 * A replay as `<service>.replay.show` answers it. `lost`: its node has not been heard of for half a minute, and whatever it did is
 * done; a new replay of the same span does the rest.
 */
export interface ReplayState {
  readonly replayId: string;
  readonly consumer: string;
  readonly topic: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed' | 'lost';
  readonly dryRun: boolean;
  readonly by: string;
  readonly why: string;
  readonly node: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly counts: ReplayCounts;
  readonly partitions: readonly ReplayedPartition[];
  /** What it waits for, or why it ended, as a sentence. */
  readonly remark: string | null;
}
