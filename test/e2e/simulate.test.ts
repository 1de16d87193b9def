// `ampledger simulate` as a process: how it ends.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ampledger, startEngineProcess } from './engine-process.js';
import { siteFile, testStations } from './stations.js';

const BIN = fileURLToPath(new URL('../../services/cli/bin/ampledger.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'ampledger-simulate-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('simulate', () => {
  it('sums up and ends with 0 at Ctrl-C, also where npm passes on what the terminal has sent already', async () => {
    const site = join(directory, 'site.yaml');
    writeFileSync(site, siteFile(60, testStations(2)));
    const engine = await startEngineProcess(['--site', site, '--data', join(directory, 'data')]);
    const args = ['simulate', '--site', site, '--url', engine.ocppUrl, '--json'];
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += String(text);
      // What npm passes on comes a moment after what the terminal has sent.
      if (stderr.includes('Interrupted')) child.kill('SIGINT');
    });
    const ended = new Promise<unknown>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    const registered = new Set<string>();
    for await (const line of createInterface({ input: child.stdout })) {
      const { kind, station } = JSON.parse(line) as { kind: string; station: string };
      if (kind === 'registered') registered.add(station);
      if (registered.size === 2) break;
    }
    child.stdout.resume();
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(stderr).toContain('2 of 2 stations connected in');
    engine.signal('SIGTERM');
    await engine.ended;
  });

  it('says that nobody could connect, and where', async () => {
    const { code, stderr } = await ampledger([
      ...['simulate', '--stations', '1', '--for', '0.2', '--url', 'ws://127.0.0.1:1/ocpp'],
    ]);
    expect(stderr).toContain('No station could connect to ws://127.0.0.1:1/ocpp');
    expect(code).toBe(3);
  });
});
