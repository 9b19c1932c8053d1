import { defineCommand } from '../terminal/command.js';

/** What `npm run audit:ledger` can be asked to do. */
export const COMMAND = defineCommand({
  name: 'npm run audit:ledger',
  about: `Checks on the live databases that the money is right (docs/audit.md): every balance against its ledger entries, every
payment against its order and its ledger entry, and that the event of every order that is not final is on its way.
It only reads, in short snapshots, and may run at any time.`,
  options: {
    incremental: {
      type: 'flag',
      about: 'only what has changed since the last audit without a violation; everything, when there was none',
    },
    json: { type: 'flag', about: 'the report as JSON on standard output' },
  },
  notes: `It looks at the cluster that "npm start" runs here, or at the one that KAFKA_BROKERS, ORDERS_DATABASE_URL,
PAYMENTS_DATABASE_URL (and NAMESPACE) name.`,
  examples: ['npm run audit:ledger', 'npm run -s audit:ledger -- --incremental --json'],
  exitCodes: {
    0: 'nothing is wrong',
    1: 'something is',
    2: 'it could not be done, or not all of it; or an option cannot be used',
  },
});
