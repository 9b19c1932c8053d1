import { defineCommand } from '../terminal/command.js';

export const COMMAND = defineCommand({
  name: 'npm run doctor',
  about: `Looks whether this machine can run the system, and whether the one that runs here is well. It reads only, and needs
neither packages nor a new Node: it is for a machine on which nothing works yet (docs/start.md).`,
  options: { json: { type: 'flag', about: 'the rows as JSON on standard output' } },
  notes: `It looks at the system that "npm start" runs here; at others, where KAFKA_BROKERS, ORDERS_DATABASE_URL and
PAYMENTS_DATABASE_URL (and NAMESPACE) name them. Ports and data folder are those of the variables that npm start reads.`,
  examples: ['npm run doctor', 'npm run -s doctor -- --json'],
  exitCodes: {
    0: 'nothing fails; warnings may be there',
    1: 'something fails: the column "fix" says what to do',
  },
});
