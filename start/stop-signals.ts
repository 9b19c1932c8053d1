// npm passes on the Ctrl-C that the terminal has sent to all of its group already: one key press arrives twice.
const SAME_PRESS_MS = 500;

/**
 * Listens for Ctrl-C, SIGTERM and the terminal's end.
 *
 * @param hurry called at a second Ctrl-C.
 * @returns `first` settles at the first one.
 */
export function onStopSignals(hurry: () => void): { readonly first: Promise<'stop'> } {
  let firstAt: number | undefined;
  let hurried = false;
  const first = new Promise<'stop'>((resolve) => {
    const onSignal = (): void => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        resolve('stop');
      } else if (performance.now() - firstAt > SAME_PRESS_MS && !hurried) {
        hurried = true;
        hurry();
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
  return { first };
}
