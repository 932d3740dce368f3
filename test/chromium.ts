import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where this machine has a Chromium, or undefined: tests that need one are skipped then, and say so. */
export const chromiumPath: string | undefined =
  process.env.CHROMIUM_PATH ?? PLACES.find((path) => existsSync(path));

/** Starts a headless Chromium that asks nothing of the network by itself. */
export const startChromium = (...args: readonly string[]): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath!,
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-quic',
      '--disable-sync',
      ...args,
    ],
  });
