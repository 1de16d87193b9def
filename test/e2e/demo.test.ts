// `npm start` as it is run, but for its ports: stations come, cars charge, the site is capped within a
// minute, Ctrl-C ends it in two seconds, and starting again goes on from the log.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { ampledger } from './engine-process.js';
import { followEvents, isEvent } from './live-events.js';

const BOOTSTRAP = fileURLToPath(new URL('../../services/cli/bootstrap.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'ampledger-demo-'));
const data = join(directory, 'data');
const CLOSE_MS_MAX = 2_000;
const DEMO_TIMEOUT_MS = 120_000;

let demo: ChildProcess | undefined;

afterAll(() => {
  demo?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** Resolves with the address of the page, as it is printed. */
function start(): Promise<{ readonly url: string; readonly text: string }> {
  const child = spawn(
    process.execPath,
    [BOOTSTRAP, 'start', '--port', '0', '--ocpp-port', '0', '--data', data],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  demo = child;
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const url = /Page\s+(http:\S+?)\/\n[\s\S]*Ctrl-C/.exec(text)?.[1];
      if (url !== undefined) resolve({ url, text });
    });
  });
}

async function interrupt(): Promise<void> {
  const from = performance.now();
  const ended = new Promise((resolve) => demo?.once('exit', (code) => resolve(code)));
  demo?.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(performance.now() - from).toBeLessThan(CLOSE_MS_MAX);
}

it('shows a capped site within a minute, ends in order, and goes on', {
  timeout: DEMO_TIMEOUT_MS,
}, async () => {
  const { url, text } = await start();
  for (const word of ['/docs', '/metrics', 'ws://', 'curl -X PUT']) expect(text).toContain(word);
  const live = followEvents(url);
  await live.next(isEvent('SessionStarted'));
  const cap = await live.next(isEvent('EnvelopeSet', { source: 'utility' }));
  await live.next(isEvent('LimitsAllocated'), cap.position);
  const begun = Date.parse(live.seen[0]?.receivedAt ?? '');
  expect(Date.parse(cap.receivedAt) - begun).toBeLessThan(60_000);
  const versions = new Set(live.seen.filter(isEvent('StationConnected')).map((event) => event.data.protocol));
  expect([...versions].sort()).toEqual(['ocpp1.6', 'ocpp2.0.1']);
  live.close();
  await interrupt();

  const again = followEvents((await start()).url);
  const second = await again.next(isEvent('EngineStarted'), cap.position);
  await again.next(isEvent('SessionStarted'), second.position);
  again.close();
  await interrupt();
  const verified = await ampledger(['verify', '--data', data]);
  expect(verified.code, verified.stdout).toBe(0);
});
