import { makeToken } from './make-token.ts';
import { StartError } from './start-error.ts';

/** `npm run token`: a bearer token on standard output. */
makeToken(process.argv.slice(2), process.env).then(
  (token) => {
    console.log(token);
  },
  (error: unknown) => {
    console.error(error instanceof StartError ? `\n  ${error.message}\n` : error);
    process.exitCode = 1;
  },
);
