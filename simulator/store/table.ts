/** Committed rows by key. Open transactions keep what they write to themselves until they commit. */
export class Table<Row> {
  readonly name: string;
  readonly rows = new Map<string, Row>();

  constructor(name: string) {
    this.name = name;
  }

  /** The name of the lock on a row, or on the key of one that is being inserted. */
  lockOf(key: string): string {
    return `${this.name}/${key}`;
  }
}

/** What a transaction has made visible: for checks. */
export interface Write {
  readonly table: Table<unknown>;
  readonly key: string;
  readonly before: unknown;
  /** Undefined when the row is deleted. */
  readonly after: unknown;
}
