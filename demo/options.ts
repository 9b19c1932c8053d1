import { defineCommand } from '../terminal/command.js';

/** Fewer would be over before a node has died; more would not fit into a look. */
const ORDERS_MIN = 50;
const ORDERS_MAX = 100_000;

export const COMMAND = defineCommand({
  name: 'npm run demo',
  about: `Shows the system at work: starts it where none runs, opens accounts, pays in and orders; kills the payments node half-way,
which is started again; sends orders twice under one key; and ends with an audit of the money (docs/start.md).`,
  options: {
    orders: { type: 'whole', about: 'how many', min: ORDERS_MIN, max: ORDERS_MAX, default: 1000 },
    'no-crash': { type: 'flag', about: 'leaves the payments node alone' },
    once: { type: 'flag', about: 'stops what it has started at its end, also on a terminal' },
    json: { type: 'flag', about: 'what came of it as JSON on standard output, all else on standard error; as --once' },
  },
  notes: `A system that "npm start" runs here, or that answers on API_PORT (8080), is played on and goes on running. One that the demo
has started goes on running on a terminal, until Ctrl-C; anywhere else it is stopped. Data stays in the data folder.
A node is killed only where "npm start" or the demo itself starts it again, and not with NODE_ENV=production.`,
  examples: ['npm run demo', 'npm run demo -- --orders 200 --once', 'npm run -s demo -- --no-crash --json'],
  exitCodes: {
    0: 'every order is there once and is final, and the money is right',
    1: 'something is not as promised',
    2: 'it could not be played to its end; or an option cannot be used',
  },
});

/** Something that whoever runs the demo can put right: one sentence for them, shown without a stack. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
