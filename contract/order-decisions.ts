import { Type } from '@sinclair/typebox';
import { defineInput } from './define-input.ts';
import { orderIds } from './order-changes.ts';
import type { Value } from './values.ts';

/** How orders asks payments about orders that are still NEW: `payments.repeatDecisions`. No part of the REST contract. */

const NO_SWITCH = 'This is true or false; false if not given.';

/** True or false; false when it is absent. */
export const toggle: Value<boolean> = {
  schema: Type.Boolean({ default: false }),
  check(value) {
    if (value === undefined) return { ok: true, value: false };
    return typeof value === 'boolean' ? { ok: true, value } : { ok: false, detail: NO_SWITCH };
  },
};

export interface RepeatDecisionsInput {
  readonly orderIds: readonly string[];
  /** Only says what it would do. */
  readonly dryRun: boolean;
}

export const repeatDecisionsInput = defineInput<RepeatDecisionsInput>('body', { orderIds, dryRun: toggle });

/** What payments knows of each order that it was asked about; each is in one list. */
export interface KnownDecisions {
  /** Decided before; the decision's event is in the outbox again. */
  readonly repeated: readonly string[];
  /** Decided, and the decision's event has not left the outbox yet. */
  readonly waiting: readonly string[];
  /** Not decided: the order's event lies among the dead letters. */
  readonly parked: readonly string[];
  /** Not decided. */
  readonly unknown: readonly string[];
}
