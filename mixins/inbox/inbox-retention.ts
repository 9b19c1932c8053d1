import { TOPIC_RETENTION_MS } from '../../events/topics.ts';

/** A record may be delivered until its whole segment is old enough, and clocks differ: a week covers both. */
const MARGIN_MS = 7 * 24 * 60 * 60 * 1000;
/** How long inbox rows are kept, by design. */
export const INBOX_RETENTION_MS = TOPIC_RETENTION_MS + MARGIN_MS;

export interface InboxRetention {
  /** How long inbox rows are kept; infinity where records are. */
  readonly keepMs: number;
  /** What is not as designed, and what follows. */
  readonly warning: string | null;
}

/**
 * Inbox rows have to outlive every record that can still be delivered: a replay from the beginning would otherwise
 * have its effects again.
 *
 * @param topicRetentionMs as the topic is configured; null when it keeps records for ever
 */
export function inboxRetention(topicRetentionMs: number | null): InboxRetention {
  if (topicRetentionMs === null) {
    return {
      keepMs: Infinity,
      warning: 'records are kept for ever, so inbox rows are too, and the inbox grows without end. Set retention.ms.',
    };
  }
  if (topicRetentionMs + MARGIN_MS <= INBOX_RETENTION_MS) return { keepMs: INBOX_RETENTION_MS, warning: null };
  const days = (ms: number): number => Math.ceil(ms / (24 * 60 * 60 * 1000));
  return {
    keepMs: topicRetentionMs + MARGIN_MS,
    warning:
      `records are kept for ${days(topicRetentionMs)} days, longer than the ${days(INBOX_RETENTION_MS)} days of inbox rows allow for. ` +
      `Inbox rows are kept for ${days(topicRetentionMs + MARGIN_MS)} days instead, while this node runs; set retention.ms back, or change the code's retention.`,
  };
}
