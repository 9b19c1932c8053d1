import { idempotencyKeyMigrations } from '../../mixins/idempotency-keys.mixin.ts';
import { inboxMigrations } from '../../mixins/idempotent-consumer.mixin.ts';
import { outboxMigrations } from '../../mixins/outbox.mixin.ts';
import { ordersMigrations } from './migrations/index.ts';

/** Every step of the orders database, those of the mixins included, in order. */
export const ordersSchema = [...outboxMigrations, ...inboxMigrations, ...idempotencyKeyMigrations, ...ordersMigrations];
