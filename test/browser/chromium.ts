// The Chromium of this machine.

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** From the environment's CHROMIUM, or from where systems put it. */
export function launchChromium(): Promise<Browser> {
  const executablePath = [process.env.CHROMIUM, ...PLACES].find(
    (path) => path !== undefined && existsSync(path),
  );
  if (executablePath === undefined)
    throw new Error('No Chromium found: name it with CHROMIUM=/path/to/chromium');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
