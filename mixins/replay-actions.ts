import type { ActionSchema, Context, Service } from 'moleculer';
import { invalidInput } from '../contract/define-input.ts';
import { replayIdInput, replayInput, type ReplayState } from '../contract/replay.ts';
import { problem } from '../problems/problems.ts';
import type { DescribedConsumer } from './inbox/event-consumer.ts';
import type { Replays } from './inbox/replay/replays.ts';

/** What the actions need of a service that has started. */
export interface Replaying {
  /** By full name. */
  readonly definitions: ReadonlyMap<string, DescribedConsumer>;
  readonly replays: Replays;
}

/**
 * The actions by which operators replay into a service's consumers. Any node answers `replay.show` and `replay.stop`; a replay
 * runs on the node that was asked for it.
 */
export function replayActions(replayingOf: (service: Service) => Replaying | undefined): Record<string, ActionSchema> {
  const started = (service: Service): Replaying => {
    const replaying = replayingOf(service);
    if (replaying === undefined) throw problem('service-unavailable', 'The service is starting.', { retryAfterS: 1 });
    return replaying;
  };
  return {
    /** Settles a span of a consumer's topic again. */
    replay: {
      visibility: 'public',
      async handler(this: Service, ctx: Context): Promise<ReplayState> {
        const parsed = replayInput.parse(ctx.params);
        const { definitions, replays } = started(this);
        const consumer = definitions.get(parsed.consumer) ?? definitions.get(`${this.name}.${parsed.consumer}`);
        if (consumer === undefined) throw noConsumer([...definitions.keys()]);
        const input = { ...parsed, consumer: consumer.consumer };
        if (replays.isRunning(input.consumer)) {
          const detail = `A replay into ${input.consumer} runs on this node already: wait for it, or stop it.`;
          throw problem('service-unavailable', detail, { retryAfterS: 10 });
        }
        this.logger.info(
          `Replay into ${input.consumer}${input.dryRun ? ', dry run' : ''}, by ${input.by}: ${input.why}`,
        );
        return found(await replays.start(consumer, input));
      },
    },

    /** How a replay stands. */
    'replay.show': {
      visibility: 'public',
      async handler(this: Service, ctx: Context): Promise<ReplayState> {
        return found(await started(this).replays.find(replayIdInput.parse(ctx.params).replayId));
      },
    },

    /** Asks a replay to stop: its node hears of it within a second, and ends what it is about. */
    'replay.stop': {
      visibility: 'public',
      async handler(this: Service, ctx: Context): Promise<ReplayState> {
        return found(await started(this).replays.stop(replayIdInput.parse(ctx.params).replayId));
      },
    },
  };
}

function noConsumer(names: readonly string[]): Error {
  return invalidInput([{ pointer: '/consumer', detail: `The consumers here are ${names.join(', ')}.` }]);
}

function found(state: ReplayState | null): ReplayState {
  if (state !== null) return state;
  throw invalidInput([{ pointer: '/replayId', detail: 'There is no replay of this id at this service.' }]);
}
