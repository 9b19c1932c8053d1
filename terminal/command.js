import { parseArgs } from 'node:util';

// Plain JavaScript, like all that `npm run doctor` needs: it has to work with an older Node and without any package.

/**
 * @import { Command, OptionSpec, OptionSpecs, ValuesOf } from './command-types.ts'
 */

/** A command line that cannot be used. Its message is one sentence for whoever typed it, shown without a stack. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError';
}

/** A command line that cannot be used ends with this, whatever the command. */
const USAGE_EXIT_CODE = 2;

/** @satisfies {OptionSpec} */
const HELP = /** @type {const} */ ({ type: 'flag', about: 'show this' });

/**
 * Keeps the types of a command's options.
 *
 * @template {OptionSpecs} const Options
 * @param {Command<Options>} command
 * @returns {Command<Options>}
 */
export function defineCommand(command) {
  return command;
}

/**
 * Reads a command line.
 *
 * @template {OptionSpecs} Options
 * @param {Command<Options>} command
 * @param {readonly string[]} args without Node and the program
 * @returns {ValuesOf<Options>}
 * @throws {UsageError} for what is unknown, lacks its value, or has one that cannot be used
 */
export function readArguments(command, args) {
  const specs = Object.entries({ ...command.options, help: HELP });
  const texts = parse(command, args, specs);
  return /** @type {ValuesOf<Options>} */ (
    Object.fromEntries(specs.map(([name, spec]) => [name, valueOf(name, spec, texts[name])]))
  );
}

/**
 * @param {Command} command
 * @param {readonly string[]} args
 * @param {[string, OptionSpec][]} specs
 * @returns {Record<string, string | boolean | undefined>}
 */
function parse(command, args, specs) {
  const options = specs.map(([name, { type }]) => [
    name,
    { type: type === 'flag' ? 'boolean' : 'string', ...(name === 'help' && { short: 'h' }) },
  ]);
  try {
    const { values } = parseArgs({ args: [...args], options: Object.fromEntries(options) });
    return /** @type {Record<string, string | boolean | undefined>} */ (values);
  } catch (error) {
    // Behind its first sentence Node explains positional arguments, which no command here has.
    const [said = ''] = /** @type {Error} */ (error).message.split(/\. (?=To |This )|\.?\n/);
    throw new UsageError(`${said}: "${commandLine(command, '--help')}" shows what there is.`);
  }
}

/**
 * @param {string} name
 * @param {OptionSpec} spec
 * @param {string | boolean | undefined} text
 */
function valueOf(name, spec, text) {
  if (spec.type === 'flag') return text === true;
  if (text === undefined) return spec.default;
  if (spec.type === 'text') return text;
  const { type, min, max } = spec;
  const pattern = type === 'whole' ? /^\d+$/ : /^\d+(\.\d+)?$/;
  const number = Number(text);
  if (!pattern.test(String(text)) || number < min || number > max) {
    const what = type === 'whole' ? 'a whole number' : 'a number';
    throw new UsageError(`--${name} is "${text}"; it has to be ${what} from ${min} to ${max}.`);
  }
  return number;
}

/**
 * What `--help` shows: usage, options with their defaults, examples, exit codes.
 *
 * @param {Command} command
 */
export function helpOf(command) {
  const options = Object.entries({ ...command.options, help: HELP }).map(
    ([name, spec]) => /** @type {const} */ ([`--${name}${takes(spec)}`, `${spec.about}${defaultOf(spec)}`]),
  );
  const exitCodes = { [USAGE_EXIT_CODE]: 'an option that does not exist or cannot be used', ...command.exitCodes };
  return [
    commandLine(command, '[options]'),
    '',
    ...indented(command.about),
    '',
    'Options',
    ...columns(options),
    '',
    ...(command.notes === undefined ? [] : [...indented(command.notes), '']),
    'Examples',
    ...command.examples.map((example) => `  ${example}`),
    '',
    'Exit codes',
    ...columns(Object.entries(exitCodes)),
  ].join('\n');
}

/**
 * Reads the command line, and runs what it asks for. Ends the process: with the code that `main` returns; 2 and a sentence
 * for a command line that cannot be used; `failureCode` when `main` throws, with its message alone if it is for the reader.
 *
 * @template {OptionSpecs} Options
 * @param {Command<Options>} command
 * @param {(values: ValuesOf<Options>) => number | Promise<number>} main
 * @param {{ isForReader?: (error: unknown) => boolean, failureCode?: number }} [options]
 * @returns {Promise<never>}
 */
export async function runCommand(command, main, { isForReader = () => false, failureCode = 1 } = {}) {
  try {
    const values = readArguments(command, process.argv.slice(2));
    if (values.help) process.stdout.write(`${helpOf(command)}\n`);
    process.exit(values.help ? 0 : await main(values));
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const { message, stack, page } = /** @type {Error & { page?: string }} */ (error);
    const more = page === undefined ? '' : `\n  See ${page}`;
    process.stderr.write(isUsage || isForReader(error) ? `\n  ${message}${more}\n\n` : `${stack ?? String(error)}\n`);
    process.exit(isUsage ? USAGE_EXIT_CODE : failureCode);
  }
}

/**
 * @param {Command} command
 * @param {string} rest
 */
function commandLine({ name }, rest) {
  return `${name} -- ${rest}`;
}

/** @param {OptionSpec} spec */
function takes(spec) {
  if (spec.type === 'flag') return '';
  return spec.type === 'text' ? ` ${spec.takes}` : ' N';
}

/** @param {OptionSpec} spec */
function defaultOf(spec) {
  return spec.type === 'flag' || spec.default === undefined ? '' : ` (default: ${spec.default})`;
}

/** @param {string} text */
function indented(text) {
  return text.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
}

/**
 * Two columns; a second one of several lines stays in its column.
 *
 * @param {(readonly [string, string])[]} rows
 */
function columns(rows) {
  const width = Math.max(...rows.map(([first]) => first.length)) + 3;
  return rows.map(
    ([first, second]) => `  ${first.padEnd(width)}${second.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
  );
}
