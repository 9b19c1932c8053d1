import type { Context, Middleware } from 'moleculer';
import type { KafkaTransporter } from './kafka.transporter.ts';

/**
 * Refuses calls to other nodes while Kafka is away, before Moleculer makes anything of them: its transit would write
 * an error with a stack for each.
 */
export function refuseWhileAway(transporter: KafkaTransporter): Middleware {
  return {
    name: 'RefuseWhileAway',
    remoteAction:
      (handler: (ctx: Context) => Promise<unknown>) =>
      (ctx: Context): Promise<unknown> =>
        transporter.isReady ? handler(ctx) : Promise.reject(transporter.unavailable()),
  };
}
