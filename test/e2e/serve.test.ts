// The engine as a process: reconfigured by SIGHUP, refused starts with their exit codes, and the
// commands that need no engine.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ampledger, startEngineProcess } from './engine-process.js';
import { followEvents, isEvent } from './live-events.js';
import { siteFile, testStations } from './stations.js';

const directory = mkdtempSync(join(tmpdir(), 'ampledger-serve-'));
const STATIONS = testStations(2);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
function writeSite(text: string): { readonly path: string; readonly data: string } {
  const name = `site-${files++}`;
  const path = join(directory, `${name}.yaml`);
  writeFileSync(path, text);
  return { path, data: join(directory, name) };
}

describe('SIGHUP', () => {
  it('takes over a good file, and leaves everything as it is for a bad one', async () => {
    const { path, data } = writeSite(siteFile(60, STATIONS));
    const engine = await startEngineProcess(['--site', path, '--data', data]);
    const live = followEvents(engine.apiUrl);
    const first = await live.next(isEvent('SiteConfigured'));

    writeFileSync(path, siteFile(60, STATIONS).replace('60 A', '60 apples'));
    engine.signal('SIGHUP');
    await engine.said('nothing was changed');
    await engine.said('60 apples');
    expect(engine.stderr()).toContain(`${path}:6:`);

    writeFileSync(path, siteFile(60, STATIONS));
    engine.signal('SIGHUP');
    await engine.said('say nothing new');

    writeFileSync(path, siteFile(40, STATIONS));
    engine.signal('SIGHUP');
    const second = await live.next(isEvent('SiteConfigured'), first.position);
    expect(second.data).toMatchObject({ site: { nodes: [{ limitA: [40, 40, 40] }] } });
    expect(live.seen.filter(isEvent('SiteConfigured'))).toHaveLength(2);

    live.close();
    engine.signal('SIGTERM');
    expect(await engine.ended).toEqual({ code: 0, signal: null });
  });
});

describe('a start that is refused', () => {
  it('names the port that is in use, and how to choose another', async () => {
    const { path, data } = writeSite(siteFile(60, STATIONS));
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const port = String((other.address() as AddressInfo).port);
    for (const [option, others] of [
      ['--ocpp-port', '--port'],
      ['--port', '--ocpp-port'],
    ] as const) {
      const { code, stderr } = await ampledger([
        'serve',
        '--site',
        path,
        '--data',
        data,
        option,
        port,
        others,
        '0',
      ]);
      expect(stderr).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1.* in use.*${option}`));
      expect(code).toBe(3);
    }
    other.close();
  });

  it('names who has the log', async () => {
    const { path, data } = writeSite(siteFile(60, STATIONS));
    const engine = await startEngineProcess(['--site', path, '--data', data]);
    const second = await ampledger([
      'serve',
      '--site',
      path,
      '--data',
      data,
      '--port',
      '0',
      '--ocpp-port',
      '0',
    ]);
    expect(second.code).toBe(3);
    expect(second.stderr).toContain('is in use by');
    const events = await ampledger(['events', '--data', data]);
    expect(events.code).toBe(3);
    expect(events.stderr).toContain('--url');
    engine.signal('SIGTERM');
    await engine.ended;
  });

  it.each([
    ['a file with problems', ['serve', '--site', 'SITE:limit: 60 apples'], /expected/],
    ['a file that is not there', ['serve', '--site', 'nowhere.yaml'], /nowhere\.yaml cannot be read/],
    [
      'others could reach the API without tokens',
      ['serve', '--host', '0.0.0.0', '--site', 'SITE:'],
      /tokens/,
    ],
    ['a port that is none', ['serve', '--port', '70000'], /whole number from 0 to 65535/],
    ['an unknown command', ['serv'], /unknown command/],
    ['a directory without a log', ['verify', '--data', 'nowhere'], /holds no log/],
    ['a moment that is none', ['state', '--data', 'nowhere', '--at', 'noon'], /ISO 8601/],
  ])('with 2 for %s', async (_name, args, message) => {
    const { code, stderr, stdout } = await ampledger(args.map(resolveSite));
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

/** `SITE:text` is a site file whose limit is replaced by the text. */
function resolveSite(arg: string): string {
  if (!arg.startsWith('SITE:')) return arg;
  const text = siteFile(60, STATIONS);
  return writeSite(arg === 'SITE:' ? text : text.replace('limit: 60 A', arg.slice(5))).path;
}

describe('a damaged log', () => {
  it('stops the start and verify with 4, and a word on where the damage is', async () => {
    const { path, data } = writeSite(siteFile(60, STATIONS));
    const engine = await startEngineProcess(['--site', path, '--data', data]);
    engine.signal('SIGTERM');
    await engine.ended;
    const file = join(data, 'log.sqlite');
    const bytes = readFileSync(file);
    const at = bytes.indexOf('SiteConfigured');
    expect(at).toBeGreaterThan(0);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x01, at);
    writeFileSync(file, bytes);
    const { code, stdout, stderr } = await ampledger(['verify', '--data', data]);
    expect(stderr).toMatch(/damaged: the page at position 1 /);
    expect(stdout).toBe('');
    expect(code).toBe(4);
    const start = await ampledger([
      'serve',
      '--site',
      path,
      '--data',
      data,
      '--port',
      '0',
      '--ocpp-port',
      '0',
    ]);
    expect(start).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/damaged: the page at position 1 /),
    });
  });
});

describe('commands without an engine', () => {
  it('check prints the tree', async () => {
    const { path } = writeSite(siteFile(60, STATIONS));
    const { code, stdout } = await ampledger(['check', path]);
    expect(code).toBe(0);
    expect(stdout).toContain('main: 60 A');
    expect(stdout).toContain('CP1  1: 3 phases, not known in which order, 6-32 A');
  });

  it('hash-password hashes what it reads, so that a site file takes it', async () => {
    const { code, stdout } = await ampledger(['hash-password'], 'a password of the station\n');
    expect(code).toBe(0);
    const stations = siteFile(60, STATIONS).replace(
      '- id: CP1',
      `- { id: CP1, password: "${stdout.trim()}" }`,
    );
    const { path } = writeSite(stations);
    expect(await ampledger(['check', path])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('(password)'),
    });
    expect(await ampledger(['hash-password'], 'short\n')).toMatchObject({ code: 2 });
  });

  it('token new makes a token that the engine takes', async () => {
    const made = await ampledger(['token', 'new', '--role', 'analyst', '--name', 'ann', '--json']);
    const { token, line } = JSON.parse(made.stdout) as { token: string; line: string };
    const tokens = join(directory, 'tokens.txt');
    writeFileSync(tokens, `${line}\n`);
    const { path, data } = writeSite(siteFile(60, STATIONS));
    const engine = await startEngineProcess(['--site', path, '--data', data, '--tokens', tokens]);
    const refused = await ampledger(['state', '--url', engine.apiUrl]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('401') });
    const taken = await ampledger(['state', '--url', engine.apiUrl, '--token', token]);
    expect(taken.stdout).toContain('CP1/1');
    engine.signal('SIGTERM');
    await engine.ended;
  });

  it('keeps the pseudonym key to its owner', async () => {
    const { path, data } = writeSite(siteFile(60, STATIONS));
    const engine = await startEngineProcess(['--site', path, '--data', data]);
    engine.signal('SIGTERM');
    await engine.ended;
    const key = join(data, 'pseudonym.key');
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(readFileSync(key)).toHaveLength(32);
  });

  it.each(['demo', 'serve', 'check', 'simulate', 'events', 'state', 'explain', 'verify', 'hash-password'])(
    '%s --help shows examples',
    async (command) => {
      const { code, stdout } = await ampledger([command, '--help']);
      expect(stdout).toContain('Examples:');
      expect(code).toBe(0);
    },
  );
});
