import type { Reconciled } from '../../../contract/reconcile.ts';
import type { Logger } from '../../../kafka/client.ts';

/** Says what was done for orders that were overdue, and nothing when that is nothing. */
export function logReconciled({ overdue, repeated, sent, postponed, paymentsAway }: Reconciled, logger: Logger): void {
  if (repeated + sent > 0) {
    logger.warn(
      `${overdue} orders were NEW for too long: payments tells ${repeated} decisions again, ${sent} orders get their event again.`,
    );
  }
  if (postponed > 0) {
    logger.warn(
      `${postponed} orders are NEW for too long and wait for payments, which did not answer: ${paymentsAway}`,
    );
  }
}
