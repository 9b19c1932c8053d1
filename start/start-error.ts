/** Sections of docs/start-problems.md. */
export const START_PROBLEMS = [
  'already-running',
  'port-in-use',
  'java',
  'maven',
  'packages',
  'kafka-unreachable',
  'database-unreachable',
  'data-folder',
  'postgres-user',
  'did-not-start',
  'setting',
] as const;

/** Something that whoever starts the system can put right. Its message is one sentence for them, shown without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
  /** Where more is said about it, for whoever reads the message. */
  readonly page: string | undefined;

  /** @param problem a section of docs/start-problems.md */
  constructor(message: string, problem?: (typeof START_PROBLEMS)[number]) {
    super(message);
    this.page = problem === undefined ? undefined : `docs/start-problems.md#${problem}`;
  }
}
