import type { EventEmitter } from 'node:events';

/** Ctrl-C at the REPL's prompt: Moleculer's REPL leaves at the second one, and a command that goes on may want the first. */
export class Interrupts {
  #server: EventEmitter | null = null;

  attach(server: EventEmitter): void {
    this.#server = server;
  }

  /** Whether somebody can press it. */
  get canHappen(): boolean {
    return this.#server !== null && process.stdin.isTTY;
  }

  /**
   * Takes Ctrl-C for a command.
   *
   * @returns gives it back
   */
  take(act: () => void): () => void {
    const server = this.#server;
    if (server === null) return () => undefined;
    const others = server.listeners('SIGINT') as (() => void)[];
    server.removeAllListeners('SIGINT');
    server.on('SIGINT', act);
    return () => {
      server.removeListener('SIGINT', act);
      for (const other of others) server.on('SIGINT', other);
    };
  }
}
