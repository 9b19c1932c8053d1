import type { PlayedDay } from './play-day.ts';
import { SETTLED_WITHIN_MS } from './settlement.ts';
import { isSuccess } from './shop-client.ts';

/** The contract: no answer takes longer. */
export const ANSWERED_WITHIN_MS = 5000;

/** What was not as promised, a line each; none when the day went well. */
export function verdict({ played, settlement, reconciliation }: PlayedDay): string[] {
  const failed = played.filter(({ post, answer }) => !isSuccess(post, answer)).length;
  const slow = played.filter(({ answer }) => answer.tookMs > ANSWERED_WITHIN_MS).length;
  const { ofTheDay, ofAll } = reconciliation;
  const contradicted = [...ofTheDay, ...ofAll].filter(({ violations }) => violations > 0).length;
  return [
    ...(failed > 0 ? [`failed answers: ${failed}`] : []),
    ...(slow > 0 ? [`answers slower than ${ANSWERED_WITHIN_MS / 1000} s: ${slow}`] : []),
    ...(settlement.undecided > 0
      ? [`orders not final ${SETTLED_WITHIN_MS / 1000} s after the last post: ${settlement.undecided}`]
      : []),
    ...(contradicted > 0 ? [`checks that are contradicted: ${contradicted}`] : []),
  ];
}
