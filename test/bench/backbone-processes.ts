// What the backbone benchmark runs: a broker, an event store and processes of the built tree, each with what it
// takes of processor and memory. Everything is started with a deadline and ended with the cluster.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Broker, copyJars, freePort, startBroker } from '../kafka/broker.js';

const BIN = fileURLToPath(new URL('../../../services/cli/bin/ampledger.mjs', import.meta.url));
const STORE = fileURLToPath(new URL('../event-store-server/main.js', import.meta.url));
const READY_MS_MAX = 120_000;
const STOP_MS_MAX = 20_000;
const LOOK_MS = 50;
/** Of `/proc/<pid>/stat`: clock ticks of 10 ms on every Linux that Node runs on. */
const TICK_US = 10_000;

export const SERVICES = ['ingress', 'recorder', 'optimizer', 'command', 'api'] as const;
export type Service = (typeof SERVICES)[number];

export interface Usage {
  readonly cpuUs: number;
  readonly rssBytes: number;
}

export interface Started {
  readonly name: string;
  usage(): Usage;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface RunningService extends Started {
  /** A path of the admin port, as JSON. */
  admin<T>(path: string): Promise<T>;
  metrics(): Promise<string>;
}

export interface Cluster {
  readonly directory: string;
  readonly bootstrap: string;
  readonly storeUrl: string;
  readonly topic: string;
  readonly partitions: number;
  readonly broker: Started;
  /** Undefined when the server is somebody else's (EVENTSTORE_URL). */
  readonly store: Started | undefined;
  readonly storeDirectory: string;
  readonly kafkaDirectory: string;
  start(service: Service, env?: Readonly<Record<string, string>>): Promise<RunningService>;
  close(): Promise<void>;
}

/** What is missing to run all this, in words; null when nothing is. */
export async function whatIsMissing(): Promise<string | null> {
  const run = promisify(execFile);
  try {
    await run('java', ['-version'], { timeout: 20_000 });
  } catch {
    return 'The broker needs Java 17 or later: `java` could not be run (Debian: apt-get install openjdk-17-jre-headless).';
  }
  try {
    await copyJars();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `Kafka's jars come with Maven, once: \`mvn\` could not get them (Debian: apt-get install maven). ${why}`;
  }
  return null;
}

export interface ClusterOptions {
  readonly parent: string;
  readonly partitions: number;
}

export async function startCluster({ parent, partitions }: ClusterOptions): Promise<Cluster> {
  const directory = await mkdtemp(join(parent, 'ampledger-bench-'));
  const kafkaDirectory = join(directory, 'kafka');
  const storeDirectory = join(directory, 'store');
  await mkdir(kafkaDirectory);
  const started: Started[] = [];
  const close = async (): Promise<void> => {
    for (const one of started.splice(0).reverse()) await one.stop('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const broker = await startBroker({ directory: kafkaDirectory });
    started.push(asStarted(broker));
    const url = process.env.EVENTSTORE_URL;
    const own = url === undefined ? await startStore(storeDirectory) : undefined;
    if (own) started.push(own);
    const storeUrl = url ?? own?.url ?? '';
    const common = {
      directory,
      bootstrap: broker.bootstrap,
      storeUrl,
      topic: 'ampledger.events',
      partitions,
    };
    return {
      ...common,
      broker: started[0] ?? asStarted(broker),
      store: own,
      storeDirectory,
      kafkaDirectory,
      close,
      async start(service, env = {}) {
        const one = await startService(service, common, env);
        started.push(one);
        return one;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const asStarted = (broker: Broker): Started => ({
  name: 'kafka',
  usage: () => usageOf(broker.pid()),
  stop: () => broker.stop(),
});

async function startStore(directory: string): Promise<Started & { readonly url: string }> {
  await mkdir(directory);
  const child = spawn(process.execPath, [STORE, JSON.stringify({ directory })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const serving = new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the event store server ended with ${code}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, port] = /^serving (\d+)$/.exec(line) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
  });
  const port = await beforeDeadline(serving, 'the event store server', child);
  return {
    name: 'event store',
    url: `esdb://localhost:${port}?tls=false`,
    usage: () => usageOf(child.pid),
    stop: (signal) => stop(child, signal),
  };
}

type Common = Pick<Cluster, 'directory' | 'bootstrap' | 'storeUrl' | 'topic' | 'partitions'>;

async function startService(
  service: Service,
  common: Common,
  env: Readonly<Record<string, string>>,
): Promise<RunningService> {
  const adminPort = await freePort();
  const logFile = join(common.directory, `${service}.log`);
  const log = openSync(logFile, 'a');
  // With NODE_OPTIONS one can try settings of V8 on them.
  const { PATH = '', HOME = '', NODE_OPTIONS = '' } = process.env;
  const child = spawn(process.execPath, [BIN, service], {
    stdio: ['ignore', log, log],
    env: {
      PATH,
      HOME,
      NODE_OPTIONS,
      AMPLEDGER_INSTANCE: `${service}-1`,
      AMPLEDGER_KAFKA_BROKERS: common.bootstrap,
      AMPLEDGER_KAFKA_TOPIC: common.topic,
      AMPLEDGER_PARTITIONS: String(common.partitions),
      AMPLEDGER_EVENT_STORE_URL: common.storeUrl,
      AMPLEDGER_ADMIN_PORT: String(adminPort),
      AMPLEDGER_LOG_FORMAT: 'json',
      ...env,
    },
  });
  closeSync(log);
  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${adminPort}/${path}`, { signal: AbortSignal.timeout(5_000) });
  await beforeDeadline(ready(child, get, logFile), service, child);
  return {
    name: service,
    usage: () => usageOf(child.pid),
    stop: (signal) => stop(child, signal),
    admin: async <T>(path: string) => (await (await get(path)).json()) as T,
    metrics: async () => (await get('metrics')).text(),
  };
}

async function ready(
  child: ChildProcess,
  get: (path: string) => Promise<Response>,
  logFile: string,
): Promise<void> {
  for (let tries = 0; tries < READY_MS_MAX / LOOK_MS; tries++) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended before it was ready:\n${readFileSync(logFile, 'utf8').slice(-4_000)}`);
    if (
      await get('readyz').then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await wait(LOOK_MS);
  }
}

async function beforeDeadline<T>(what: Promise<T>, name: string, child: ChildProcess): Promise<T> {
  const late = new AbortController();
  try {
    return await Promise.race([
      what,
      wait(READY_MS_MAX, undefined, { signal: late.signal }).then(() => {
        throw new Error(`${name} was not ready within ${READY_MS_MAX} ms`);
      }),
    ]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    late.abort();
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await gone;
  clearTimeout(late);
}

export function usageOf(pid: number | undefined): Usage {
  if (pid === undefined) return { cpuUs: 0, rssBytes: 0 };
  // The name may hold spaces; what follows its bracket does not.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const [, kB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return {
    cpuUs: (Number(fields[11]) + Number(fields[12])) * TICK_US,
    rssBytes: Number(kB) * 1_024,
  };
}
