import { migrateDatabases } from './migrate-databases.ts';

/** In a container: `node deploy/migrate.ts`, with the environment of a node. */
process.exitCode = await migrateDatabases(process.argv.slice(2), process.env, {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
});
