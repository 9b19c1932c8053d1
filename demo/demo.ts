import { auditAndKeep } from '../audit/audit-and-keep.ts';
import { describeReport } from '../audit/describe-report.ts';
import type { AuditReport } from '../audit/report.ts';
import { AuditImpossible } from '../audit/snapshots.ts';
import type { ClusterAddresses } from '../start/cluster-state.ts';
import { sizeOf } from '../start/data-folder.ts';
import { runnerEnvironment } from '../start/node-process.ts';
import { dataDirOf, readStartOptions } from '../start/options.ts';
import { Progress, type ProgressStream } from '../start/progress.ts';
import { runSystem } from '../start/run-system.ts';
import { StartError } from '../start/start-error.ts';
import { summary } from '../start/summary.ts';
import { isColoured } from '../terminal/colours.js';
import { runCommand } from '../terminal/command.js';
import type { ValuesOf } from '../terminal/command-types.ts';
import { COMMAND, DemoError } from './options.ts';
import { runningPlace, supervisedPlace, type Place } from './place.ts';
import { play, type Played } from './play.ts';
import { describePages, describePlayed, isAsPromised, jsonOf } from './report.ts';
import { screenOn } from './screen.ts';
import { untilAddresses } from './until-addresses.ts';

type Options = ValuesOf<typeof COMMAND.options>;

const IMPOSSIBLE = 2;

/**
 * `npm run demo`: the system at work, on one that runs or on one of its own.
 *
 * @returns the exit code
 */
async function demo(options: Options): Promise<number> {
  const stream = screenOn(options.json ? process.stderr : process.stdout);
  const progress = new Progress(stream, process.env);
  const env = runnerEnvironment(process.env);
  const dataDir = dataDirOf(env);
  const wait = (find: () => Promise<ClusterAddresses | null>): Promise<ClusterAddresses> =>
    progress.step('System', 'waiting until "npm start" is ready', () => untilAddresses(find), 'runs already');
  const place = await runningPlace(env, dataDir, wait);
  if (place !== null) {
    stream.write(`\n  Plays at ${place.apiUrl}, which runs already and goes on running.\n`);
    return playAndAudit(options, place, stream, false);
  }
  return startAndPlay(options, progress, stream, env, dataDir);
}

/** Starts a system, plays, and stops it; on a terminal, not before Ctrl-C. */
async function startAndPlay(
  options: Options,
  progress: Progress,
  stream: ProgressStream,
  env: NodeJS.ProcessEnv,
  dataDir: string,
): Promise<number> {
  const staysUp = process.stdin.isTTY && process.stdout.isTTY && !options.once && !options.json;
  const startOptions = readStartOptions([], env);
  progress.say('\n  Nothing runs here: starting the system.\n');
  let code: number | undefined;
  await runSystem(startOptions, progress, env, async ({ addresses, folder, stopped }) => {
    const readyInMs = performance.now();
    progress.say(
      summary(addresses, startOptions.config.access, folder, await sizeOf(folder), readyInMs, process.cwd(), 'demo'),
    );
    code = await playAndAudit(options, await supervisedPlace(env, addresses, dataDir), stream, true);
    if (!staysUp) return;
    progress.say('  The system goes on running: look at it, and stop it by Ctrl-C. Its data stays.\n');
    await stopped;
  });
  if (code === undefined) throw new DemoError('Stopped before its end.');
  return code;
}

async function playAndAudit(
  options: Options,
  place: Place,
  stream: ProgressStream,
  startedHere: boolean,
): Promise<number> {
  const { orders, 'no-crash': noCrash } = options;
  const coloured = isColoured(stream, process.env);
  const played = await play({ place, orders, noCrash, stream, env: process.env });
  const report = await auditOf(place);
  stream.write(`${describePlayed(played, coloured)}${describeReport(report, { coloured })}`);
  stream.write(`${describePages(place, played)}\n`);
  if (options.json) process.stdout.write(`${jsonOf(place, played, report, startedHere)}\n`);
  return exitCode(played, report);
}

function exitCode({ checks }: Played, report: AuditReport): number {
  if (!isAsPromised(checks, report)) return 1;
  return report.unanswered.length > 0 ? IMPOSSIBLE : 0;
}

async function auditOf({ config }: Place): Promise<AuditReport> {
  const { orders, payments, kafka, namespace } = config;
  const urls = { ordersUrl: orders.auditUrl, paymentsUrl: payments.auditUrl, reportsUrl: payments.directUrl };
  const done = await auditAndKeep({ ...urls, kafka, namespace }, false);
  if (done === null) throw new AuditImpossible('Another audit of this system is running: wait for it, and play again.');
  return done.report;
}

await runCommand(COMMAND, demo, {
  isForReader: (error) => error instanceof DemoError || error instanceof StartError || error instanceof AuditImpossible,
  failureCode: IMPOSSIBLE,
});
