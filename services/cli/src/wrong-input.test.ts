// What commands say of input that cannot be: a line with what is wrong and what to do, exit code 2, no stack.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventFor } from '@ampledger/domain';
import { openEmbeddedLog } from '@ampledger/embedded-log';
import { siteId } from '@ampledger/kernel';
import { parseSiteFile } from '@ampledger/site-file';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'ampledger-input-'));
const paths = {
  data: join(root, 'data'),
  none: join(root, 'none'),
  empty: join(root, 'empty'),
  file: join(root, 'file.yaml'),
};
const SITE = 'id: s\ntimeZone: UTC\ngrid: { limit: 40 A, stations: [{ id: A }, { id: B }] }\n';
let stranger: Server;
let strangerUrl = '';

beforeAll(async () => {
  mkdirSync(paths.empty);
  writeFileSync(paths.file, SITE);
  const log = await openEmbeddedLog({ directory: paths.data, onWarning: () => undefined });
  const site = parseSiteFile(SITE);
  if (!site.ok) throw new Error('a good file');
  const event = { type: 'SiteConfigured', data: { site: site.value, origin: 'file' } } as const;
  const receivedAt = Date.UTC(2026, 2, 1);
  await log.bus.publish([eventFor({ event, site: siteId('s'), receivedAt, idParts: ['first'] })]);
  await log.close();
  stranger = createServer((_request, response) => response.end('<!DOCTYPE html>')).listen(0, '127.0.0.1');
  await new Promise((resolve) => stranger.once('listening', resolve));
  strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});

afterAll(() => {
  stranger.close();
  rmSync(root, { recursive: true, force: true });
});

async function run(args: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  let stderr = '';
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += String(text);
      return true;
    }),
  ];
  try {
    return { code: await main(args), stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** `@name` stands for a path, `@stranger` for the address of a web server that is no engine. */
const filled = (text: string): readonly string[] =>
  text
    .split(' ')
    .map((word) =>
      word === '@stranger'
        ? strangerUrl
        : word.startsWith('@')
          ? paths[word.slice(1) as keyof typeof paths]
          : word,
    );

describe('wrong input', () => {
  it.each([
    ['check @none', 'cannot be read: there is no such file or directory.'],
    ['check @empty', 'cannot be read: it is a directory, not a file.'],
    ['serve --data @none', 'holds no log: name a site file with --site.'],
    ['serve --data @file --site @file --port 0 --ocpp-port 0', 'it is a file, not a directory.'],
    ['state --data @none', 'holds no log'],
    ['state --data @data --site t', 'There is no site "t". There is: s.'],
    ['state --data @data --at 2999-01-01', 'is not in the past.'],
    ['state --url @stranger', "is not an engine's API."],
    ['events --url @stranger', "is not an engine's API."],
    ['explain C --data @data', 'No site has a connector "C/1". There is: A/1, B/1.'],
    ['explain A/2 --data @data', 'There is: A/1.'],
    ['explain A --url @stranger', "is not an engine's API."],
    ['events --data @data --site t', 'There is no site "t". There is: s.'],
    ['events --data @data --from 2026-03-02 --to 2026-03-01', 'is not after --from'],
    ['export --data @data --out @none.ndjson --from 2026-03-02 --to 2026-03-01', 'is not after --from'],
    ['whatif --data @data --scale-limit zero', 'such as 0.8 or 80 %'],
    ['import @none --data @empty', 'there is no such file or directory.'],
    ['simulate --site @none', 'cannot be read'],
  ])('%s: %s', async (words, message) => {
    const { code, stderr } = await run(filled(words.replace('@none.ndjson', join(root, 'out.ndjson'))));
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/Unexpected failure|\n {4}at |E[A-Z]{4,}:/);
    expect(code).toBe(2);
  });

  it('refuses an empty directory, which would be the current one', async () => {
    const { code, stderr } = await run(['verify', '--data', '']);
    expect(stderr).toContain('expected the path of a directory');
    expect(code).toBe(2);
  });

  it('tells a site that stands in two files once', async () => {
    const { stderr } = await run(['check', paths.file, paths.file]);
    expect(stderr.trim()).toBe('The site "s" stands in two of the files.');
  });

  it('says that nothing was found, which is no failure', async () => {
    const { code, stderr } = await run(['events', '--data', paths.data, '--station', 'nobody']);
    expect(stderr).toBe('No recorded event is like that.\n');
    expect(code).toBe(0);
  });
});
