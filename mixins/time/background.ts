/** Work that goes on beside a service's calls, from its start to its stop. */
export abstract class Background {
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  start(): void {
    this.#running ??= this.run(this.#stop.signal);
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Goes on until it is told to stop; never rejects. */
  protected abstract run(stop: AbortSignal): Promise<void>;
}
