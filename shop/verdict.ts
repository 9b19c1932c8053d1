import type { PlayedDay } from './play-day.ts';
import { SETTLED_WITHIN_MS } from './settlement.ts';
import { isSuccess } from './shop-client.ts';

/** The contract: no answer takes longer. */
export const ANSWERED_WITHIN_MS = 5000;

/** What was not as promised, a sentence each; none when the day went well. */
export function verdict({ played, settlement, reconciliation }: PlayedDay): string[] {
  const failed = played.filter(({ post, answer }) => !isSuccess(post, answer)).length;
  const slow = played.filter(({ answer }) => answer.tookMs > ANSWERED_WITHIN_MS).length;
  const { ofTheDay, ofAll } = reconciliation;
  const contradicted = [...ofTheDay, ...ofAll].filter(({ violations }) => violations > 0).length;
  return [
    ...(failed > 0 ? [`${failed} posts got no answer or a refusal.`] : []),
    ...(slow > 0 ? [`${slow} answers took longer than ${ANSWERED_WITHIN_MS / 1000} s.`] : []),
    ...(settlement.undecided > 0
      ? [`${settlement.undecided} orders were not final ${SETTLED_WITHIN_MS / 1000} s after the last post.`]
      : []),
    ...(contradicted > 0 ? [`${contradicted} checks found contradictions.`] : []),
  ];
}
