import type { ServiceBroker } from 'moleculer';
import { errorText } from '../problems/error-text.ts';
import { account } from './account.ts';
import { audit } from './audit.ts';
import { helpOf, readTyped, type ReplCommand } from './command.ts';
import { Completion } from './completion.ts';
import { dlq } from './dlq/dlq.ts';
import { lag } from './lag.ts';
import { Interrupts } from './interrupts.ts';
import { load } from './load.ts';
import { order } from './order.ts';
import { outbox } from './outbox.ts';
import { prepareServer } from './prepare-server.ts';
import { reconcile } from './reconcile.ts';
import { replay } from './replay.ts';
import { tail } from './tail.ts';

/** The commands that `npm run repl` knows besides Moleculer's own. */
const COMMANDS: readonly ReplCommand[] = [account, audit, dlq, lag, load, order, outbox, reconcile, replay, tail];

const completion = new Completion(COMMANDS);
const interrupts = new Interrupts();

/** For the broker option `created` of a node with a REPL. */
export function prepareRepl(broker: ServiceBroker): void {
  prepareServer(broker, completion, interrupts);
}

/** What moleculer-repl's parser hands over: commander's command, whose parent has what was typed. */
interface TypedCommand {
  readonly parent: { readonly rawArgs: readonly string[] } | null;
  params?: unknown;
}

interface CustomCommand {
  readonly command: string;
  readonly description: string;
  readonly allowUnknownOptions: true;
  readonly options: { readonly option: string; readonly description: string }[];
  readonly parse: (command: TypedCommand) => void;
  readonly action: (broker: ServiceBroker, typed: unknown) => Promise<void>;
}

/** For the broker option `replOptions.customCommands`. */
export function customCommands(commands: readonly ReplCommand[] = COMMANDS): CustomCommand[] {
  return commands.map((command) => ({
    command: `${command.name} [words...]`,
    description: `${command.description} (${command.name} help)`,
    // Read here and not there: moleculer-repl turns what looks like a number into one, and user 007 into user 7.
    allowUnknownOptions: true,
    // For its completion and its --help. Optional values: what is missing is said here, in words.
    options: Object.entries(command.options).map(([name, { value, description }]) => ({
      option: `--${name}${value === undefined ? '' : ` [${value}]`}`,
      description,
    })),
    parse(typed) {
      // `node`, `Moleculer REPL` and the command's name come first.
      typed.params = typed.parent?.rawArgs.slice(3) ?? [];
    },
    action: (broker, typed) => runTyped(command, broker, typed as readonly string[]),
  }));
}

async function runTyped(command: ReplCommand, broker: ServiceBroker, typed: readonly string[]): Promise<void> {
  const print = (text: string): void => {
    completion.remember(text);
    process.stdout.write(`${text}\n`);
  };
  if (typed[0] === 'help') {
    print(helpOf(command));
    return;
  }
  try {
    const onInterrupt = interrupts.canHappen ? (act: () => void) => interrupts.take(act) : null;
    await command.run({ broker, print, onInterrupt, ...readTyped(command, typed) });
  } catch (error) {
    process.stderr.write(`>> ${errorText(error)}\n`);
  }
}
