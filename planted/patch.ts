/** A bug to be planted: a patch with a header that says what it is about. */
export interface PlantedBug {
  /** Of its file, without the ending: `07-delete-before-acknowledgement`. */
  readonly name: string;
  /** What the system does with it, a sentence. */
  readonly what: string;
  /** One of these invariants has to find it: `I6`. */
  readonly caughtBy: readonly string[];
  /** Added and removed. */
  readonly changedLines: number;
  readonly files: readonly string[];
}

/** `I6` of the list, or one that the simulator adds: `offsets`. */
const INVARIANT = /^(I\d+|[a-z][a-z ]+)$/;
export const MAX_CHANGED_LINES = 10;

/**
 * Reads a patch. `git apply` passes over everything before the first `diff --git`, so the header is part of its file.
 *
 * @param name of its file, without the ending
 * @throws Error that says what is missing, or that it changes more than it may
 */
export function readPatch(name: string, text: string): PlantedBug {
  const [header = '', ...diffs] = text.split(/^diff --git .*$/m);
  const field = (label: string): string => {
    const value = new RegExp(`^${label}: (.+)$`, 'm').exec(header)?.[1];
    if (value === undefined) throw new Error(`planted/${name}.patch says nothing of "${label}:" in its header.`);
    return value;
  };
  const caughtBy = field('Caught by').split(/, */);
  const strange = caughtBy.find((invariant) => !INVARIANT.test(invariant));
  if (strange !== undefined) throw new Error(`planted/${name}.patch names "${strange}", which is no invariant.`);
  const lines = diffs.join('').split('\n');
  const changedLines = lines.filter((line) => /^[+-]/.test(line) && !/^(\+\+\+|---) /.test(line)).length;
  if (changedLines === 0) throw new Error(`planted/${name}.patch changes nothing.`);
  if (changedLines > MAX_CHANGED_LINES) {
    throw new Error(`planted/${name}.patch changes ${changedLines} lines, and may change ${MAX_CHANGED_LINES}.`);
  }
  const files = lines.flatMap((line) => /^\+\+\+ b\/(.+)$/.exec(line)?.[1] ?? []);
  return { name, what: field('What'), caughtBy, changedLines, files };
}
