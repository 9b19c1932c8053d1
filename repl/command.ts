import { parseArgs } from 'node:util';
import type { ServiceBroker } from 'moleculer';

/** A command of the REPL: one file of this room each, listed in `commands.ts`. */
export interface ReplCommand {
  /** The first word. */
  readonly name: string;
  /** One line, for the REPL's own `help`. */
  readonly description: string;
  /** What may follow the name, a line for each form; printed by `<name> help`, with the options. */
  readonly usage: readonly string[];
  readonly options: Readonly<Record<string, ReplOption>>;
  /** @throws what it cannot do; its message is printed */
  run(call: ReplCall): Promise<void>;
}

export interface ReplOption {
  /** What its value is, in a word; a switch when there is none. */
  readonly value?: string;
  readonly description: string;
}

/** One use of a command. */
export interface ReplCall {
  readonly broker: ServiceBroker;
  /** What follows the name and is no option. */
  readonly words: readonly string[];
  /** Options with a value, as they were typed: an id stays text, also when it looks like a number. */
  readonly values: Readonly<Partial<Record<string, string>>>;
  readonly switches: ReadonlySet<string>;
  readonly print: (text: string) => void;
  /** Takes Ctrl-C until what it returns is called; null where nobody can press it. */
  readonly onInterrupt: ((act: () => void) => () => void) | null;
}

/**
 * Reads what was typed after a command's name.
 *
 * @param typed as a shell would split it
 * @throws Error whose message is a sentence for whoever typed it
 */
export function readTyped(
  command: ReplCommand,
  typed: readonly string[],
): Pick<ReplCall, 'words' | 'values' | 'switches'> {
  const { values: options, positionals } = parseArgs({
    args: [...typed],
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(command.options).map(([name, { value }]) => [
        name,
        { type: value === undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
  });
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'string') values[name] = value;
    else if (value === true) switches.add(name);
  }
  return { words: positionals, values, switches };
}

/** What `<name> help` prints. */
export function helpOf({ name, description, usage, options }: ReplCommand): string {
  const rows = Object.entries(options).map(([option, { value, description: what }]): [string, string] => [
    `--${option}${value === undefined ? '' : ` <${value}>`}`,
    what,
  ]);
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2;
  return [
    description,
    '',
    ...usage.map((form) => `  ${name} ${form}`.trimEnd()),
    ...(rows.length > 0 ? [''] : []),
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`),
  ].join('\n');
}
