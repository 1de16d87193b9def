// Starts the server in processes of their own, so that they can be killed under load.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { EventStoreServerOptions } from './server.js';

const START_MS_MAX = 30_000;
const HERE = dirname(fileURLToPath(import.meta.url));
/** The log's worker is loaded by its path, beside what loads it. */
const WRITER = join(HERE, '../../packages/embedded-log/src/writer-worker.mjs');

export interface EventStoreProcess {
  readonly port: number;
  url(scheme: string): string;
  /** Lets it hang, and go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it as a crash would, or as an operator; resolves when it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

export interface EventStoreProcesses {
  /** Rejects when it does not serve in time. */
  start(options: EventStoreServerOptions): Promise<EventStoreProcess>;
  /** Kills what still runs and removes the bundle. */
  close(): Promise<void>;
}

/** Bundles the sources once; a child process knows nothing of the tests' way to resolve them. */
export async function prepareEventStoreProcesses(): Promise<EventStoreProcesses> {
  // Inside the workspace, so that the children find the same dependencies.
  const parent = join(HERE, '..', 'dist');
  mkdirSync(parent, { recursive: true });
  const bundle = mkdtempSync(join(parent, 'event-store-server-'));
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['ampledger-source'] },
    ssr: { noExternal: [/^@ampledger\//], resolve: { conditions: ['ampledger-source', 'node', 'import'] } },
    build: { ssr: join(HERE, 'main.ts'), outDir: bundle, minify: false, emptyOutDir: false },
  });
  cpSync(WRITER, join(bundle, 'writer-worker.mjs'));
  const running = new Set<ChildProcess>();
  return {
    start: (options) => start(join(bundle, 'main.js'), options, running),
    async close() {
      await Promise.all([...running].map((child) => endOf(child, 'SIGKILL')));
      rmSync(bundle, { recursive: true, force: true });
    },
  };
}

async function start(
  main: string,
  options: EventStoreServerOptions,
  running: Set<ChildProcess>,
): Promise<EventStoreProcess> {
  const child = spawn(process.execPath, [main, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const bound = await serving(child);
  return {
    port: bound,
    url: (scheme) => `${scheme}://localhost:${bound}?tls=${options.tls ? 'true' : 'false'}`,
    signal: (signal) => {
      child.kill(signal);
    },
    end: (signal) => endOf(child, signal),
  };
}

function serving(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The event store server did not serve within ${START_MS_MAX} ms`));
    }, START_MS_MAX);
    child.once('exit', (code) => reject(new Error(`The event store server ended with ${code}`)));
    if (!child.stdout) throw new Error('The event store server has no output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, bound] = /^serving (\d+)$/.exec(line) ?? [];
      if (bound === undefined) return;
      clearTimeout(late);
      resolve(Number(bound));
    });
  });
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
