import { ConfigError } from '../config/config.ts';
import { runCommand } from '../terminal/command.js';
import { COMMAND, migrateDatabases, STREAMS } from './migrate-databases.ts';

/** In a container: `node deploy/migrate.ts`, with the environment of a node. */
await runCommand(COMMAND, (options) => migrateDatabases(options, process.env, STREAMS), {
  isForReader: (error) => error instanceof ConfigError,
  failureCode: 2,
});
