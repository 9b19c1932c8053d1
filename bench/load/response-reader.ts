/** An answer, as far as a load has to know it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

const END_OF_HEAD = '\r\n\r\n';
/** `HTTP/1.1 `: the status follows. */
const STATUS_AT = 9;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * Reads the answers of one connection, and of them only what a load counts. Node's own client spends several times as much
 * on each, on the processor that the system under load needs.
 */
export class ResponseReader {
  #unread = '';

  /**
   * @param text the next bytes, one character each (latin1)
   * @returns the answers that are complete with them, in order
   * @throws Error for what this reader does not read: no HTTP/1.1, or a body without a Content-Length
   */
  read(text: string): Answer[] {
    this.#unread = this.#unread === '' ? text : this.#unread + text;
    const answers: Answer[] = [];
    for (;;) {
      const headEnds = this.#unread.indexOf(END_OF_HEAD);
      if (headEnds === -1) return answers;
      const head = this.#unread.slice(0, headEnds);
      const length = CONTENT_LENGTH.exec(head)?.[1];
      const status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
      if (!head.startsWith('HTTP/1.1 ') || length === undefined || !(status >= 200)) {
        throw new Error(`The load reads answers with a Content-Length, and not this: ${head}`);
      }
      const bodyBegins = headEnds + END_OF_HEAD.length;
      const bodyEnds = bodyBegins + Number(length);
      if (this.#unread.length < bodyEnds) return answers;
      answers.push({ status, body: this.#unread.slice(bodyBegins, bodyEnds) });
      this.#unread = this.#unread.slice(bodyEnds);
    }
  }
}
