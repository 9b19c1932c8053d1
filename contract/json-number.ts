/**
 * A number of a JSON text, kept as the client wrote it: a double would have rounded 10.075 and 9007199254740993
 * before anyone could refuse them.
 */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}
