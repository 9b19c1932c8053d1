import type { Logger } from '../../kafka/client.ts';

const silent = (): void => undefined;

/** For parts whose log is not what a test looks at. */
export const silentLogger: Logger = { error: silent, warn: silent, info: silent, debug: silent };
