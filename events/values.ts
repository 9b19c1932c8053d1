import { Type } from '@sinclair/typebox';
import { LOWER_CASE_UUID_PATTERN, TIME_PATTERN, USER_ID_PATTERN } from '../contract/patterns.ts';
import { MAX_DIGITS } from '../money/money.ts';

/** The values that events carry, by the rules of the REST contract. */
export const OrderId = Type.String({ pattern: LOWER_CASE_UUID_PATTERN });
export const UserId = Type.String({ pattern: USER_ID_PATTERN });
/** Minor units as a decimal string: JSON has no exact integers of this size in every reader. */
export const MinorUnits = Type.String({ pattern: `^[1-9][0-9]{0,${MAX_DIGITS - 1}}$` });
export const Time = Type.String({ pattern: TIME_PATTERN });
