import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedLog } from './embedded-log.js';
import { collect, useTestDirectory, withLog } from './test-directory.js';

const directories = useTestDirectory();
const here = dirname(fileURLToPath(import.meta.url));
// Inside the package, so that the child finds the same dependencies.
const bundle = join(here, '..', 'dist', `kill-test-${process.pid}`);
const KILLS = 10;

beforeAll(async () => {
  mkdirSync(bundle, { recursive: true });
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['ampledger-source'] },
    ssr: { noExternal: [/^@ampledger\//], resolve: { conditions: ['ampledger-source', 'node', 'import'] } },
    build: { ssr: join(here, 'kill-child.ts'), outDir: bundle, minify: false, emptyOutDir: false },
  });
  cpSync(join(here, 'writer-worker.mjs'), join(bundle, 'writer-worker.mjs'));
});
afterAll(() => rmSync(bundle, { recursive: true, force: true }));

const start = (directory: string, run: number): ChildProcess =>
  spawn(process.execPath, [join(bundle, 'kill-child.js'), directory, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Reads acknowledgements into the ledger, kills after `count` of them, and reads what was still under way. */
async function killAfter(child: ChildProcess, count: number, ledger: Map<string, number>): Promise<void> {
  if (!child.stdout) throw new Error('the child has no output');
  let read = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [, stream, acked] = /^(\S+) (\d+)$/.exec(line) ?? [];
    if (stream !== undefined) ledger.set(stream, Number(acked));
    read += 1;
    if (read === count) child.kill('SIGKILL');
  }
}

describe('kill -9 while publishing', () => {
  it(`loses nothing that was acknowledged, ${KILLS} times`, async () => {
    const directory = directories.fresh();
    const ledger = new Map<string, number>();
    for (let run = 0; run < KILLS; run++) {
      const child = start(directory, run);
      const exited = once(child, 'exit');
      await killAfter(child, 1 + 37 * run * run, ledger);
      expect((await exited)[1]).toBe('SIGKILL');
      await withLog(directory, async (log) => {
        for await (const _progress of log.verifyPages());
        for (const [stream, acked] of ledger) {
          const events = await collect(log.store.readStream(stream));
          expect(events.length).toBeGreaterThanOrEqual(acked);
          // A call is there whole or not at all.
          expect(events.length % 5).toBe(0);
          expect(events.map(({ id }) => id)).toEqual(events.map((_, n) => `${stream}#${n}`));
        }
      });
    }
    expect(ledger.size).toBeGreaterThanOrEqual(KILLS);
  });

  it('holds the directory against another process until it is killed', async () => {
    const directory = directories.fresh();
    const child = start(directory, 0);
    if (!child.stdout) throw new Error('the child has no output');
    await once(child.stdout, 'data');
    await expect(openEmbeddedLog({ directory, onWarning: () => {} })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`process ${child.pid} on`),
    });
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await withLog(directory, async (log) => expect(await log.store.lastPosition()).toBeGreaterThan(0));
  });
});
