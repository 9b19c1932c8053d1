/** Between two notifications of a node under load; the first after a pause goes out at once. */
const INTERVAL_MS = 5;

/**
 * Turns many commits into few notifications: at most one under way, and one more after it for whatever was committed
 * meanwhile (the trailing edge), so that the last commit is always followed by a notification.
 */
export class Notifier {
  readonly #send: () => Promise<void>;
  #busy = false;
  #again = false;

  /** @param send sends one notification; must not reject */
  constructor(send: () => Promise<void>) {
    this.#send = send;
  }

  notify(): void {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    void this.#send().then(() =>
      setTimeout(() => {
        this.#next();
      }, INTERVAL_MS),
    );
  }

  #next(): void {
    this.#busy = false;
    if (!this.#again) return;
    this.#again = false;
    this.notify();
  }
}
