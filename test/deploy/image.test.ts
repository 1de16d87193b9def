// The image's own programs, run here; and of the Dockerfile what a reader would look for.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { inRoot, isThere, readText } from './repository.js';

const run = promisify(execFile);
const work = mkdtempSync(join(tmpdir(), 'ampledger-image-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('entrypoint.sh', () => {
  // In the place of Node something that says how it was started.
  const bin = join(work, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'node'), '#!/bin/sh\nprintf "%s\\n" "$NODE_OPTIONS" "$@"\n');
  chmodSync(join(bin, 'node'), 0o755);

  async function start(limit: string | null, options: string): Promise<readonly string[]> {
    const cgroup = mkdtempSync(join(work, 'cgroup-'));
    if (limit !== null) writeFileSync(join(cgroup, 'memory.max'), `${limit}\n`);
    const env = { PATH: `${bin}${delimiter}${process.env.PATH}`, CGROUP_ROOT: cgroup, NODE_OPTIONS: options };
    const { stdout } = await run('sh', [inRoot('deploy/docker/entrypoint.sh'), 'api', '--port', '1'], {
      env,
    });
    return stdout.split('\n').slice(0, -1);
  }

  it.each([
    ['three quarters of the limit', String(512 * 1024 * 1024), '', '--max-old-space-size=384'],
    [
      'beside other options',
      String(1024 ** 3),
      '--trace-warnings',
      '--trace-warnings --max-old-space-size=768',
    ],
    ['what somebody said', String(1024 ** 3), '--max-old-space-size=100', '--max-old-space-size=100'],
    ['nothing without a limit', 'max', '', ''],
    ['nothing without control groups', null, '', ''],
    ['nothing for version 1’s word for no limit', '9223372036854771712', '', ''],
  ])('gives the heap %s', async (_, limit, options, expected) => {
    const [given, program, ...args] = await start(limit, options);
    expect(given).toBe(expected);
    expect(program).toMatch(/services\/cli\/bin\/ampledger\.mjs$/);
    expect(args).toEqual(['api', '--port', '1']);
  });
});

describe('health.mjs', () => {
  async function health(status: number): Promise<{ readonly code: number; readonly said: string }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status).end('the reason');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const env = { PATH: process.env.PATH, AMPLEDGER_ADMIN_PORT: String(port) };
    try {
      await run(process.execPath, [inRoot('deploy/docker/health.mjs')], { env });
      return { code: 0, said: asked.join() };
    } catch (error) {
      return {
        code: Number((error as { code: number }).code),
        said: String((error as { stderr: string }).stderr),
      };
    } finally {
      server.close();
    }
  }

  it('is well when /livez is', async () => {
    expect(await health(200)).toEqual({ code: 0, said: '/livez' });
  });

  it('says why when it is not', async () => {
    const { code, said } = await health(503);
    expect(code).toBe(1);
    expect(said).toContain('503: the reason');
  });
});

describe('Dockerfile', () => {
  const instructions = readText('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

  it('copies what there is, and what .dockerignore lets through', () => {
    const allowed = readText('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1))
      .filter((source) => source !== '.');
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !isThere(source))).toEqual([]);
    expect(sources.filter((source) => !allowed.includes(source))).toEqual([]);
    expect(allowed.filter((path) => !isThere(path))).toEqual([]);
  });

  it('takes from stages that it has', () => {
    const stages = instructions.flatMap((line) => /^FROM \S+ AS (\w+)$/.exec(line)?.[1] ?? []);
    const taken = instructions.flatMap((line) => /--from=(\w+)/.exec(line)?.[1] ?? []);
    expect(taken.filter((name) => !stages.includes(name))).toEqual([]);
  });

  it('runs as a number that is not root, in the form that passes signals on', () => {
    expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER 1000:1000']);
    const form = last.filter((line) => /^(?:ENTRYPOINT|CMD) /.test(line));
    expect(form).toHaveLength(2);
    expect(form.every((line) => /^\w+ \[.*\]$/.test(line))).toBe(true);
    expect(last.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  it('installs from the lock file, and in the end nothing', () => {
    const installs = instructions.filter((line) => /npm (?:i|install|ci)\b/.test(line));
    expect(installs.every((line) => line.includes('npm ci'))).toBe(true);
    expect(last.filter((line) => /npm|apt-get/.test(line))).toEqual([]);
  });

  it('takes along every file that a manifest names', () => {
    // Built files, programs and what lies beside a manifest as JavaScript; see the `find` of the stage `build`.
    const taken = /^\.\/(?:dist\/.*|bin\/.*|[^/]+\.js)$/;
    const named = ['packages', 'services'].flatMap((parent) =>
      readdirSync(inRoot(parent)).flatMap((name) => {
        const { exports = {} } = JSON.parse(readFileSync(inRoot(parent, name, 'package.json'), 'utf8'));
        return Object.values(exports as Record<string, { default: string }>).map((entry) => entry.default);
      }),
    );
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => !taken.test(path))).toEqual([]);
  });
});
