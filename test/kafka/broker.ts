// A Kafka broker of our own, one node in KRaft mode, out of the jars that Maven copies into `.jars`.
// It keeps its port and its files through `kill` and `restart`, as a broker does that comes back.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';

const run = promisify(execFile);
// The jars stand beside the sources, also for a built tree.
const HERE = fileURLToPath(new URL('.', import.meta.url)).replace(/([\\/])test\1dist\1/, '$1test$1');
const JARS = join(HERE, '.jars');
const START_MS_MAX = 60_000;
const FAST_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

export interface Broker {
  /** host:port */
  readonly bootstrap: string;
  readonly port: number;
  /** Where its files and `broker.log` are. */
  readonly directory: string;
  pid(): number | undefined;
  /** Resolves when the process is gone, or at once for signals that do not end it. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** On the same port and files; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and deletes the directory, unless that was given. */
  stop(): Promise<void>;
}

export interface BrokerOptions {
  readonly directory?: string;
  readonly port?: number;
  /** Where clients are told to connect, when something stands between. */
  readonly advertisedPort?: number;
}

export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  await copyJars();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'ampledger-kafka-')));
  const port = options.port ?? (await freePort());
  await prepare(directory, port, options.advertisedPort ?? port);
  let child = await launch(directory, port);
  return {
    bootstrap: `127.0.0.1:${port}`,
    port,
    directory,
    pid: () => child.pid,
    kill: (signal) => kill(child, signal),
    async restart() {
      await kill(child, 'SIGKILL');
      child = await launch(directory, port);
    },
    async stop() {
      await kill(child, 'SIGKILL');
      if (!options.directory) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Once; afterwards the folder is there. */
export async function copyJars(): Promise<void> {
  if (existsSync(JARS) && (await readdir(JARS)).length > 0) return;
  const target = await mkdtemp(join(HERE, '.jars-'));
  const goal = ['-q', 'dependency:copy-dependencies', '-DincludeScope=runtime'];
  await run('mvn', [...goal, `-DoutputDirectory=${target}`], { cwd: HERE, timeout: 600_000 });
  await rename(target, JARS);
}

async function prepare(directory: string, port: number, advertised: number): Promise<void> {
  const properties = join(directory, 'server.properties');
  if (existsSync(properties)) return;
  await mkdir(directory, { recursive: true });
  await writeFile(properties, settings({ directory, port, advertised, controllerPort: await freePort() }));
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
  const format = ['format', '-t', id, '-c', properties];
  await java(['-XX:TieredStopAtLevel=1', ...classPath(), 'kafka.tools.StorageTool', ...format]);
}

const classPath = (): string[] => ['-cp', join(JARS, '*')];
const java = (args: readonly string[]) => run('java', [...args], { timeout: START_MS_MAX });

interface Places {
  readonly directory: string;
  readonly port: number;
  readonly advertised: number;
  readonly controllerPort: number;
}

const settings = ({ directory, port, advertised, controllerPort }: Places): string =>
  [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${advertised}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${join(directory, 'data')}`,
    'auto.create.topics.enable=false',
    // One that was killed is not waited for when it comes back.
    'broker.session.timeout.ms=1000',
    'broker.heartbeat.interval.ms=200',
    'offsets.topic.num.partitions=4',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    '',
  ].join('\n');

async function launch(directory: string, port: number): Promise<ChildProcess> {
  const log = await open(join(directory, 'broker.log'), 'a');
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
  const main = ['kafka.Kafka', join(directory, 'server.properties')];
  const child = spawn('java', ['-Xmx512m', ...FAST_START, quiet, ...classPath(), ...main], {
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  try {
    await answers(child, port);
  } catch (error) {
    await kill(child, 'SIGKILL');
    throw error;
  }
  return child;
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  const until = Date.now() + START_MS_MAX;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`The broker ended with ${child.exitCode}; see broker.log`);
    if ((await isListening(port)) && (await hasController(port))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The broker did not answer within ${START_MS_MAX} ms; see broker.log`);
}

async function hasController(port: number): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await gone;
}
