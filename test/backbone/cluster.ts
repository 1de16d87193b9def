// A whole cluster: a Kafka broker, an event store, and so many processes of each kind, all of them real and
// all of them to be killed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../kafka/broker.js';
import { type ApiClient, apiClient } from './api-client.js';
import { type KafkaProxy, startKafkaProxy } from './kafka-proxy.js';
import { stablePort } from './ports.js';
import type { TestSite } from './sites.js';
import { type StoreUnderTest, startStore } from './store.js';
import { type End, type Supervised, supervise } from './supervisor.js';
import { until } from './until.js';

export const SERVICES = ['ingress', 'recorder', 'optimizer', 'command', 'api'] as const;
export type Service = (typeof SERVICES)[number];

/** Who shares partitions out among its members. */
export type GroupService = Extract<Service, 'recorder' | 'optimizer' | 'command'>;

export const PARTITIONS = 12;
const TOPIC = 'ampledger.events';

export interface ClusterOptions {
  readonly name: string;
  readonly sites: readonly TestSite[];
  /** Names of processes that reach the broker through a proxy: `optimizer-1`. */
  readonly proxied?: readonly string[];
}

export interface Cluster {
  readonly topic: string;
  readonly broker: Broker;
  readonly store: StoreUnderTest;
  /** Where everything is kept, logs too. */
  readonly directory: string;
  /** Where stations connect: one URL for each ingress. */
  readonly doors: readonly string[];
  readonly apis: readonly ApiClient[];
  /** Where the API processes keep their copies. */
  readonly copies: readonly string[];
  of(service: Service): readonly Supervised[];
  process(name: string): Supervised;
  proxy(name: string): KafkaProxy;
  /** One more process of a kind. */
  add(service: Service): Promise<Supervised>;
  ready(): Promise<void>;
  /** Resolves when every partition is decided for by exactly one of the members, and nothing is being restored. */
  ownedOnce(service: GroupService): Promise<void>;
  /** Ends the processes of these kinds in order, and says how each ended. */
  stop(...services: readonly Service[]): Promise<readonly End[]>;
  /** `keep`: leaves the directory where it is. */
  close(options?: { readonly keep: boolean }): Promise<void>;
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), `ampledger-${options.name}-`));
  const broker = await startBroker({ directory: join(directory, 'kafka'), port: await stablePort() });
  const store = await startStore(join(directory, 'store'));
  const cluster = new RunningCluster({ ...options, directory, broker, store });
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.close({ keep: true });
    throw error;
  }
}

interface Parts extends ClusterOptions {
  readonly directory: string;
  readonly broker: Broker;
  readonly store: StoreUnderTest;
}

class RunningCluster implements Cluster {
  readonly topic = TOPIC;
  readonly broker: Broker;
  readonly store: StoreUnderTest;
  readonly directory: string;
  readonly doors: string[] = [];
  readonly apis: ApiClient[] = [];
  readonly copies: string[] = [];
  readonly #parts: Parts;
  readonly #processes = new Map<Service, Supervised[]>();
  readonly #proxies = new Map<string, KafkaProxy>();
  readonly #logs: string;
  readonly #siteFiles: readonly string[];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.broker = parts.broker;
    this.store = parts.store;
    this.directory = parts.directory;
    const { ARTIFACTS } = process.env;
    this.#logs =
      ARTIFACTS === undefined ? join(parts.directory, 'logs') : join(ARTIFACTS, 'backbone', parts.name);
    mkdirSync(this.#logs, { recursive: true });
    this.#siteFiles = parts.sites.map(({ id, yaml }) => {
      const file = join(parts.directory, `${id}.yaml`);
      writeFileSync(file, yaml);
      return file;
    });
  }

  async start(): Promise<void> {
    for (const service of SERVICES) for (let i = 0; i < 2; i++) await this.#launch(service);
    await this.ready();
  }

  of(service: Service): readonly Supervised[] {
    return this.#processes.get(service) ?? [];
  }

  process(name: string): Supervised {
    const found = this.#all().find((one) => one.name === name);
    if (found === undefined) throw new Error(`There is no process ${name}`);
    return found;
  }

  proxy(name: string): KafkaProxy {
    const found = this.#proxies.get(name);
    if (found === undefined) throw new Error(`${name} has no proxy`);
    return found;
  }

  async add(service: Service): Promise<Supervised> {
    const process = await this.#launch(service);
    await process.ready();
    return process;
  }

  async ready(): Promise<void> {
    await Promise.all(this.#all().map((process) => process.ready()));
  }

  async ownedOnce(service: GroupService): Promise<void> {
    await until(`each partition has one ${service}`, async () => {
      const lists = await Promise.all(this.of(service).map((process) => ownedBy(service, process)));
      const owned = lists.flat().sort((a, b) => a - b);
      const wanted = Array.from({ length: PARTITIONS }, (_, partition) => partition);
      if (owned.length === wanted.length && owned.every((partition, i) => partition === wanted[i]))
        return true;
      throw new Error(JSON.stringify(lists));
    });
  }

  async stop(...services: readonly Service[]): Promise<readonly End[]> {
    const processes = services.flatMap((service) => this.of(service)).filter(isRunning);
    return Promise.all(processes.map((process) => process.stop()));
  }

  async close({ keep } = { keep: false }): Promise<void> {
    await Promise.all(
      this.#all()
        .filter(isRunning)
        .map((process) => process.destroy()),
    );
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
    await this.store.close();
    await this.broker.stop();
    if (!keep) rmSync(this.directory, { recursive: true, force: true });
  }

  #all(): readonly Supervised[] {
    return [...this.#processes.values()].flat();
  }

  async #launch(service: Service): Promise<Supervised> {
    const others = this.#processes.get(service) ?? [];
    const name = `${service}-${others.length + 1}`;
    const adminPort = await stablePort();
    const process = supervise({
      name,
      command: service,
      adminPort,
      logFile: join(this.#logs, `${name}.log`),
      env: {
        AMPLEDGER_INSTANCE: name,
        AMPLEDGER_KAFKA_BROKERS: await this.#brokerFor(name),
        AMPLEDGER_KAFKA_TOPIC: TOPIC,
        AMPLEDGER_PARTITIONS: String(PARTITIONS),
        AMPLEDGER_EVENT_STORE_URL: this.store.url,
        AMPLEDGER_ADMIN_PORT: String(adminPort),
        AMPLEDGER_LOG_FORMAT: 'json',
        ...(await this.#ownSettings(service, name)),
      },
    });
    this.#processes.set(service, [...others, process]);
    return process;
  }

  async #ownSettings(service: Service, name: string): Promise<Readonly<Record<string, string>>> {
    if (service === 'ingress') {
      const port = await stablePort();
      this.doors.push(`ws://127.0.0.1:${port}/ocpp`);
      return { AMPLEDGER_OCPP_PORT: String(port), AMPLEDGER_PSEUDONYM_KEY: '5a'.repeat(32) };
    }
    if (service === 'api') {
      const port = await stablePort();
      const data = join(this.directory, name);
      this.apis.push(apiClient(`http://127.0.0.1:${port}`));
      this.copies.push(data);
      return {
        AMPLEDGER_PORT: String(port),
        AMPLEDGER_DATA: data,
        AMPLEDGER_SITES: this.#siteFiles.join(','),
      };
    }
    // Snapshots are taken while events come, so that restarts begin with them.
    return service === 'recorder' ? { AMPLEDGER_SNAPSHOT_EVERY: '1000' } : {};
  }

  async #brokerFor(name: string): Promise<string> {
    if (!this.#parts.proxied?.includes(name)) return this.broker.bootstrap;
    const proxy = await startKafkaProxy(this.broker.port);
    this.#proxies.set(name, proxy);
    return proxy.bootstrap;
  }
}

const isRunning = (process: Supervised): boolean => process.pid() !== undefined;

interface Owned {
  readonly deciding: number;
  readonly preparing: number;
  readonly partitions: readonly number[];
}

/** What a member decides for, or records, now; a member that was taken out has nothing. */
export async function ownedBy(service: GroupService, process: Supervised): Promise<readonly number[]> {
  if (!isRunning(process)) return [];
  if (service === 'recorder') {
    const partitions = await process.admin<readonly { partition: number; phase: string }[]>('partitions');
    const other = partitions.find(({ phase }) => phase !== 'recording');
    if (other !== undefined)
      throw new Error(`${process.name}: partition ${other.partition} is ${other.phase}`);
    return partitions.map(({ partition }) => partition);
  }
  const { deciding, preparing, partitions } = await process.admin<Owned>('owned');
  if (preparing > 0 || deciding !== partitions.length)
    throw new Error(`${process.name} prepares ${preparing}`);
  return partitions;
}
