import type { ServiceSchema, ServiceSettingSchema } from 'moleculer';
import type { DatabaseService } from './database.mixin.ts';
import { KeyExpiry } from './idempotency-keys/key-expiry.ts';

export { idempotencyKeyMigrations } from './idempotency-keys/migrations.ts';
export { submitCall } from './idempotency-keys/submit-call.ts';

export interface IdempotencyKeyOptions {
  /** How long a key is kept after its effect. */
  readonly keepHours: number;
}

type Running = DatabaseService & { keyExpiry: KeyExpiry };

/**
 * Idempotency keys for a service whose actions write by `GroupCommit`: a request that is sent again under its key has no
 * second effect, and gets the first answer. The service lists `idempotencyKeyMigrations` among its migrations, the
 * database mixin after this one, and hands in its writes by `submitCall`. This mixin itself deletes what is too old.
 * Guarantees and limits: docs/idempotency-keys.md.
 */
export function idempotencyKeys({ keepHours }: IdempotencyKeyOptions): Partial<ServiceSchema> {
  const mixin: Partial<ServiceSchema<ServiceSettingSchema, Running>> = {
    created(this: Running) {
      this.keyExpiry = new KeyExpiry({ sequelize: this.sequelize, keepHours, logger: this.logger });
    },

    started(this: Running) {
      this.keyExpiry.start();
      return Promise.resolve();
    },

    async stopped(this: Running) {
      await this.keyExpiry.stop();
    },
  };
  return mixin as Partial<ServiceSchema>;
}
