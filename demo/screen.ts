import type { ProgressStream } from '../terminal/progress-bar.ts';

const ERASE = '\r\x1b[2K';

/** Lets a line that is drawn over, of a bar, give way to one that stays: both are written here, by who knows nothing of the other. */
export function screenOn(stream: ProgressStream): ProgressStream {
  let isUnfinished = false;
  return {
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    write: (text) => {
      const gaveWay = isUnfinished && !text.startsWith('\r') ? ERASE : '';
      isUnfinished = !text.endsWith('\n');
      return stream.write(gaveWay + text);
    },
  };
}
