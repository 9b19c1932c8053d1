import type { Transaction } from 'sequelize';
import type { EventTopic } from '../../events/topics.ts';
import { errorText } from '../../problems/error-text.ts';
import { pauseAfter } from '../time/backoff.ts';
import type { ConsumerParts } from './assignment.ts';
import type { GroupConsumer } from './group-consumer.ts';
import { GroupMember } from './group-member.ts';

/** What it takes to keep a member of a group at work. */
export interface Consuming<T = Transaction> {
  readonly parts: ConsumerParts<T>;
  readonly topic: EventTopic;
  /** Once before the first member; again after it failed. */
  readonly prepare?: () => Promise<void>;
  /** Gives each member a consumer of its own, not started yet. */
  readonly newConsumer: () => GroupConsumer;
  /** Begins to watch over a member. @returns ends that */
  readonly watch?: (member: GroupMember<T>) => () => void;
}

/**
 * Keeps one member of the group at work: joins, and replaces a member that crashed, went silent or was refused by a
 * new one, for as long as it takes. Ends with the signal, when the member has left; never throws.
 */
export async function keepConsuming<T>(consuming: Consuming<T>, signal: AbortSignal): Promise<void> {
  const { parts, prepare } = consuming;
  let isPrepared = false;
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (!isPrepared) {
        await prepare?.();
        isPrepared = true;
        // The signal may have come in the meantime: a member that begins now would not hear it.
        continue;
      }
      const joinedBefore = parts.stats.lastProgressAt;
      const reason = await oneMember(consuming, signal);
      if (reason === null) return;
      failures = parts.stats.lastProgressAt === joinedBefore ? failures + 1 : 1;
      waitFor(parts, reason);
    } catch (error) {
      failures++;
      waitFor(parts, errorText(error));
    }
    await pauseAfter(failures, signal, parts.clock);
  }
}

function waitFor<T>(parts: ConsumerParts<T>, reason: string): void {
  parts.waitsFor = `joins its group again: ${reason}`;
  parts.logger.warn(`Consumer ${parts.consumer} joins its group again: ${reason}`);
}

/** @returns why the member has to be replaced; null when the signal came */
async function oneMember<T>(
  { parts, topic, newConsumer, watch }: Consuming<T>,
  signal: AbortSignal,
): Promise<string | null> {
  const member = new GroupMember<T>({ consumer: newConsumer(), topic, parts });
  const endWatch = watch?.(member);
  const stopped = Promise.withResolvers<null>();
  const stop = (): void => {
    stopped.resolve(null);
  };
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([member.start().then(() => member.ended), stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    endWatch?.();
    if (!signal.aborted) parts.stats.replacements++;
    await member.leave();
  }
}
