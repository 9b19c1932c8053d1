import { createWriteStream, type WriteStream } from 'node:fs';

/** Every request of a campaign, a JSON line each: what memory does not keep, for whoever looks for a cause. */
export class HistoryFile {
  readonly #file: WriteStream;
  /** Why it is not whole, if so. */
  error: string | null = null;

  constructor(path: string) {
    this.#file = createWriteStream(path);
    this.#file.on('error', (error) => (this.error = error.message));
  }

  write(line: Readonly<Record<string, unknown>>): void {
    if (this.error === null) this.#file.write(`${JSON.stringify(line)}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.error !== null) resolve();
      else this.#file.end(resolve);
    });
  }
}
