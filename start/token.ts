import { runCommand } from '../terminal/command.js';
import { COMMAND, makeToken } from './make-token.ts';
import { StartError } from './start-error.ts';

/** `npm run token`: a bearer token on standard output. */
async function token(): Promise<number> {
  process.stdout.write(`${await makeToken(process.argv.slice(2), process.env)}\n`);
  return 0;
}

await runCommand(COMMAND, token, { isForReader: (error) => error instanceof StartError });
