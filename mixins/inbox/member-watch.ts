import type { KafkaConfig } from '../../config/config.ts';
import type { EventTopic } from '../../events/topics.ts';
import type { Logger } from '../../kafka/client.ts';
import { groupLag } from '../../kafka/group-lag.ts';
import { errorText } from '../../problems/error-text.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import type { GroupMember } from './group-member.ts';
import { SilenceWatch } from './silence-watch.ts';
import { Stall } from './stall.ts';

/** Looks within the time that may pass in silence: each costs a connection to Kafka and three small requests. */
const LOOKS_WITHIN_LIMIT = 3;

export interface MemberWatchOptions {
  readonly kafka: KafkaConfig;
  readonly topic: EventTopic;
  readonly groupId: string;
  readonly logger: Logger;
  readonly silenceLimitMs: number;
  readonly isExcused: () => boolean;
  /** Of the consumer; its lag is noted there. */
  readonly stats: ConsumerStats;
}

/**
 * Watches over the members of a group, one after the other, by what they get done: a member that has work and shows no
 * sign of life gives up, so that a new one takes its place. What it looks for is what kafkajs does not report: a fetch
 * loop that has ended or hangs, a partition that is never fetched, a handler that does not come back.
 */
export class MemberWatch {
  readonly #options: MemberWatchOptions;
  readonly #silence: SilenceWatch;
  readonly #stall = new Stall();
  #looking = false;

  constructor(options: MemberWatchOptions) {
    this.#options = options;
    this.#silence = new SilenceWatch(options.silenceLimitMs);
  }

  /** @returns ends the watch over this member */
  begin(member: GroupMember): () => void {
    const timer = setInterval(() => {
      void this.#look(member);
    }, this.#options.silenceLimitMs / LOOKS_WITHIN_LIMIT);
    timer.unref();
    return () => {
      clearInterval(timer);
    };
  }

  /** @returns a sentence while a member was replaced for its silence and nothing has been settled since */
  trouble(): string | null {
    if (!this.#silence.isSilent) return null;
    return `a member that did nothing was replaced, and nothing has moved since (${this.#options.stats.lag ?? '?'} records behind)`;
  }

  /** @returns for how long records have waited of which none was fetched, in milliseconds */
  stalledMs(): number {
    return this.#stall.lastsMs(performance.now(), this.#progress());
  }

  #progress(): number {
    return this.#options.stats.batches + this.#options.stats.skipped;
  }

  async #look(member: GroupMember): Promise<void> {
    // A question that Kafka is slow to answer must not be overtaken by the next one.
    if (this.#looking) return;
    this.#looking = true;
    const hasWork = await this.#hasWork(member);
    this.#looking = false;
    const { received, retries } = this.#options.stats;
    const progress = this.#progress();
    const isSilent = this.#silence.look({
      now: performance.now(),
      signs: received + retries + progress,
      progress,
      hasWork: this.#options.isExcused() ? null : hasWork,
    });
    if (isSilent) {
      member.giveUp(
        `nothing has moved for ${this.#options.silenceLimitMs} ms, though ${member.busy ? 'a batch is under way' : `${this.#options.stats.lag} records wait`}`,
      );
    }
  }

  /** Null: not known, since Kafka does not answer, or the member holds nothing yet. */
  async #hasWork(member: GroupMember): Promise<boolean | null> {
    const { kafka, topic, groupId, logger, stats } = this.#options;
    const { partitions } = member;
    if (partitions.length === 0) return null;
    try {
      const lags = await groupLag(kafka, { groupId, topic: topic.name }, logger);
      stats.lag = partitions.reduce((sum, partition) => sum + Number(lags.get(partition) ?? 0n), 0);
      this.#stall.look(performance.now(), this.#progress(), stats.lag);
      return stats.lag > 0 || member.busy;
    } catch (error) {
      logger.debug(`How far ${groupId} is behind could not be asked: ${errorText(error)}`);
      return member.busy ? true : null;
    }
  }
}
