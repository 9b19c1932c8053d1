import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { installDebian } from './debian.ts';

/** Brings Debian's Chromium with its libraries, and runs it without a screen. */
export async function installChromium(): Promise<() => Promise<Browser>> {
  const folder = await installDebian('chromium');
  const libraries = join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
  return () =>
    chromium.launch({
      executablePath: join(folder, 'usr', 'lib', 'chromium', 'chromium'),
      // Root has no sandbox in a container; and /dev/shm is small there.
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
      env: {
        ...process.env,
        // Of another architecture the folder is not there, and the machine's own libraries serve.
        LD_LIBRARY_PATH: [libraries, join(libraries, 'pulseaudio'), process.env['LD_LIBRARY_PATH'] ?? ''].join(':'),
      },
    });
}
