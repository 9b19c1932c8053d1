/** What the doctor says about one thing. */
export interface Row {
  readonly name: string;
  /** `warn`: it may work, and something is not as it should be; `fail`: it will not. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly needed: string;
  /** What to do; absent where all is well. */
  readonly fix?: string;
}
