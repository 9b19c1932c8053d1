import { auditMigrations } from '../../audit/migrations.ts';
import { idempotencyKeyMigrations } from '../../mixins/idempotency-keys.mixin.ts';
import { inboxMigrations } from '../../mixins/idempotent-consumer.mixin.ts';
import { outboxMigrations } from '../../mixins/outbox.mixin.ts';
import { paymentsMigrations } from './migrations/index.ts';

/** Every step of the payments database, those of the mixins and of the audit's reports included, in order. */
export const paymentsSchema = [
  ...outboxMigrations,
  ...inboxMigrations,
  ...idempotencyKeyMigrations,
  ...paymentsMigrations,
  ...auditMigrations,
];
