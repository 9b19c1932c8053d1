import { Type } from '@sinclair/typebox';

/** The values that events carry, by the rules of the REST contract. */
export const OrderId = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' });
export const UserId = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$' });
/** Minor units as a decimal string: JSON has no exact integers of this size in every reader. */
export const MinorUnits = Type.String({ pattern: '^[1-9][0-9]{0,14}$' });
export const Time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });
