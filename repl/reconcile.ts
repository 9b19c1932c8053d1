import type { ReconcileInput, Reconciled } from '../contract/reconcile.ts';
import type { ReplCommand } from './command.ts';
import { readSeconds } from './read-typed.ts';

/** `reconcile`: `orders.reconcile` in rounds, until there is nothing left to look at. */
export const reconcile: ReplCommand = {
  name: 'reconcile',
  description: 'helps orders that are NEW for too long: their event, or their decision, is told again',
  usage: ['[--older-than <seconds>] [--dry-run] [--by <who>] [--reason <why>] [--json]'],
  options: {
    'older-than': {
      value: 'seconds',
      description: 'orders that are NEW for at least this long; as the node is set to',
    },
    'dry-run': { description: 'only says what it would do' },
    by: { value: 'who', description: 'for the log' },
    reason: { value: 'why', description: 'for the log' },
    json: { description: 'each round as a JSON document in a line' },
  },
  async run({ broker, values, switches, print }) {
    const olderThan = readSeconds('older-than', values['older-than']);
    let after: string | null = null;
    do {
      const round: Reconciled = await broker.call<Reconciled, Partial<ReconcileInput>>('orders.reconcile', {
        ...(olderThan !== null && { olderThanMs: olderThan * 1000 }),
        after,
        dryRun: switches.has('dry-run'),
        by: values['by'] ?? null,
        why: values['reason'] ?? null,
      });
      print(switches.has('json') ? JSON.stringify(round) : describe(round, switches.has('dry-run')));
      after = round.next;
    } while (after !== null);
  },
};

function describe(round: Reconciled, isDryRun: boolean): string {
  const lines = [
    [round.overdue, 'orders are NEW for too long'],
    [round.onTheWay, 'have something on the way, or a dead letter here'],
    [round.repeated, isDryRun ? 'are decided: payments would tell it again' : 'are decided: payments tells it again'],
    [round.waiting, 'are decided, and the decision waits in the outbox of payments'],
    [round.parked, 'lie among the dead letters of payments'],
    [round.sent, isDryRun ? 'would get their event again' : 'get their event again'],
  ] as const;
  const away = round.paymentsAway === null ? [] : [`  payments did not answer: ${round.paymentsAway}`];
  return [...lines.map(([count, what]) => `${String(count).padStart(8)}  ${what}`), ...away].join('\n');
}
