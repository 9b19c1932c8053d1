import { parseArgs } from 'node:util';
import { AuditImpossible } from './snapshots.ts';

/** What `npm run audit:ledger` was asked to do. */
export interface CommandOptions {
  readonly help: boolean;
  readonly incremental: boolean;
  readonly json: boolean;
}

export const HELP = `npm run audit:ledger [-- options]

  Checks on the live databases that the money is right (docs/audit.md): every balance against its ledger entries, every
  payment against its order and its ledger entry, and that the event of every order that is not final is on its way.
  It only reads, in short snapshots, and may run at any time.

  --incremental   only what has changed since the last audit without a violation; everything, when there was none
  --json          the report as JSON on standard output
  --help          show this

  It looks at the cluster that "npm start" runs here, or at the one that KAFKA_BROKERS, ORDERS_DATABASE_URL,
  PAYMENTS_DATABASE_URL (and NAMESPACE) name.
  Exit code 0: nothing is wrong; 1: something is; 2: it could not be done, or not all of it.`;

/** @throws AuditImpossible with one sentence on what cannot be used */
export function readCommandOptions(args: readonly string[]): CommandOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        incremental: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('.');
    throw new AuditImpossible(`${reason}: "npm run audit:ledger -- --help" shows what there is.`);
  }
}
