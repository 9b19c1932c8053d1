import type { ReplCommand } from './command.ts';

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** A screen of them. */
const MAX_IDS = 50;

/** Completes what follows our commands: their verbs and options, and the ids that were printed last. */
export class Completion {
  readonly #commands: ReadonlyMap<string, ReplCommand>;
  #ids: string[] = [];

  constructor(commands: readonly ReplCommand[]) {
    this.#commands = new Map(commands.map((command) => [command.name, command]));
  }

  /** Ids in a text that was printed can be completed from now on. */
  remember(printed: string): void {
    const ids = [...new Set(printed.match(UUID) ?? [])];
    if (ids.length > 0) this.#ids = ids.slice(0, MAX_IDS);
  }

  /** @returns whole lines that begin with this one; null when it is no command of ours, or has no space yet */
  complete(line: string): [string[], string] | null {
    const words = line.trimStart().split(/\s+/);
    const command =
      words.length < 2 ? undefined : this.#commands.get(words[0] === 'load' ? 'load-orders' : (words[0] ?? ''));
    if (command === undefined) return null;
    const last = words.at(-1) ?? '';
    const before = line.slice(0, line.length - last.length);
    // The first words of its forms that are no placeholder: its verbs.
    const verbs = words.length > 2 ? [] : command.usage.flatMap((form) => /^[a-z]+/.exec(form)?.[0] ?? []);
    const options = Object.keys(command.options).map((name) => `--${name}`);
    const candidates = [...new Set([...verbs, ...(words.length > 2 ? [] : ['help']), ...this.#ids, ...options])];
    return [candidates.filter((each) => each.startsWith(last)).map((each) => before + each), line];
  }
}
