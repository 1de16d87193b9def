// From a meter value to the limit that follows from it: in each site one car in turn draws a little more than
// it may, and the others are told to make room; then it keeps to its limit again, and they get it back. What
// happened between is read from the topic afterwards: who decided when, and when it was on its way.

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine } from '@ampledger/cli';
import { openKafkaBus } from '@ampledger/kafka-bus';
import type { EventMeta } from '@ampledger/ports';
import type { KafkaMessage } from 'kafkajs';
import { type Figures, quantile } from './backbone-figures.js';
import type { FleetReport } from './backbone-fleet.js';
import { startCluster } from './backbone-processes.js';
import { readTopic, roundTrips } from './backbone-raw.js';
import { configure, serviceSettings, settled, startIngress } from './backbone-running.js';
import { siteConfigs, spanOf, startStations } from './backbone-stations.js';

/** A site is moved once in this time; nothing else happens there meanwhile but meter values. */
const MOVE_EVERY_MS = 2_000;
const METER_EVERY_MS = 10_000;
const WARM_UP_MS = 3_000;
const ROUND_TRIPS = 300;
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface LatencyOptions {
  readonly parent: string;
  readonly partitions: number;
  readonly sites: number;
  readonly perSite: number;
  readonly seconds: number;
}

export async function measureLatency(options: LatencyOptions): Promise<Figures> {
  const { sites, perSite: each } = options;
  const cluster = await startCluster(options);
  const stations = startStations();
  try {
    const bus = await openKafkaBus({
      brokers: [cluster.bootstrap],
      clientId: 'bench',
      topic: cluster.topic,
      partitions: options.partitions,
      replicationFactor: 1,
    });
    try {
      await configure(bus, sites, each);
      const { url } = await startIngress(cluster);
      for (const service of ['recorder', 'optimizer', 'command', 'api'] as const)
        await cluster.start(service, serviceSettings(service, cluster));
      await stations.tell({ kind: 'connect', url, sites, each });
      await settled(bus);
      const report = await stations.tell(orderOf(options));
      const bare = await roundTrips(cluster.bootstrap, ROUND_TRIPS, 20);
      const { messages } = await readTopic(cluster.bootstrap, cluster.topic);
      const figures = { ...wholeOf('loop', report), ...stagesOf(messages.flat(), report) };
      const [bareP50Ms, bareP99Ms] = [quantile(bare, 0.5), quantile(bare, 0.99)];
      return { ...figures, bareP50Ms, bareP99Ms, loopOfBare: (figures.loopP50Ms ?? Number.NaN) / bareP50Ms };
    } finally {
      await bus.close();
    }
  } finally {
    stations.close();
    await cluster.close();
  }
}

const orderOf = ({ seconds }: LatencyOptions) =>
  ({
    kind: 'move',
    intervalMs: METER_EVERY_MS,
    everyMs: MOVE_EVERY_MS,
    ...spanOf(WARM_UP_MS, seconds * 1_000),
  }) as const;

/** The same load, one process, the log on disk. */
export async function measureEmbedded(options: LatencyOptions): Promise<Figures> {
  const { parent, sites, perSite: each } = options;
  const directory = await mkdtemp(join(parent, 'ampledger-bench-'));
  const engine = await startEngine({
    directory,
    sites: siteConfigs(sites, each),
    host: '127.0.0.1',
    ocppPort: 0,
    apiPort: 0,
    tokens: null,
    log: QUIET,
  });
  const stations = startStations();
  try {
    await stations.tell({ kind: 'connect', url: engine.ocppUrl.replace(/\/$/, ''), sites, each });
    await stations.tell({ kind: 'pace', intervalMs: 1_000, ...spanOf(0, 2_000) });
    return wholeOf('embedded', await stations.tell(orderOf(options)));
  } finally {
    stations.close();
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function wholeOf(name: string, { moves, p50Ms, p99Ms }: FleetReport): Figures {
  const ms = moves.flatMap(({ sentAt, firstAt }) => (firstAt === null ? [] : [firstAt - sentAt]));
  const answers = moves.map(({ sentAt, answeredAt }) => answeredAt - sentAt);
  return {
    [`${name}P50Ms`]: quantile(ms, 0.5),
    [`${name}P99Ms`]: quantile(ms, 0.99),
    [`${name}WorstMs`]: Math.max(...ms),
    [`${name}Moves`]: ms.length,
    [`${name}Without`]: moves.length - ms.length,
    [`${name}AnswerP50Ms`]: quantile(answers, 0.5),
    [`${name}AnswerP99Ms`]: quantile(answers, 0.99),
    [`${name}MeterP50Ms`]: p50Ms,
    [`${name}MeterP99Ms`]: p99Ms,
  };
}

interface Known {
  readonly meta: EventMeta;
  readonly type: string;
  readonly call: string | undefined;
  /** When its request to Kafka was made. */
  readonly sentAt: number;
}

/** The stages between, by the times of receipt and of sending that stand on the bus: whole milliseconds. */
function stagesOf(messages: readonly KafkaMessage[], { moves, arrivals }: FleetReport): Figures {
  const known = new Map(messages.map((message) => [String(message.headers?.id), knownOf(message)]));
  const movedAt = new Map(moves.map(({ message, sentAt }) => [message, sentAt]));
  const arrivedAt = new Map(arrivals.map(({ call, at }) => [call, at]));
  const stages: Record<string, number[]> = {};
  const note = (stage: string, ms: number): void => {
    stages[stage] ??= [];
    stages[stage].push(ms);
  };
  const seen = new Set<string>();
  for (const asked of known.values()) {
    if (asked.type !== 'CallRequested') continue;
    const decided = known.get(asked.meta.causationId ?? '');
    const metered = known.get(decided?.meta.causationId ?? '');
    const [, message = ''] = /^\[2,"([^"]+)"/.exec(metered?.meta.frame ?? '') ?? [];
    const sentAt = movedAt.get(message);
    const at = arrivedAt.get(asked.call ?? '');
    if (!decided || !metered || sentAt === undefined || at === undefined || seen.has(message)) continue;
    seen.add(message);
    note('received', metered.meta.receivedAt - sentAt);
    note('sent', metered.sentAt - metered.meta.receivedAt);
    note('decided', decided.meta.receivedAt - metered.sentAt);
    note('decidedSent', decided.sentAt - decided.meta.receivedAt);
    note('commanded', asked.meta.receivedAt - decided.sentAt);
    note('commandedSent', asked.sentAt - asked.meta.receivedAt);
    note('delivered', at - asked.sentAt);
  }
  return Object.fromEntries(
    Object.entries(stages).flatMap(([stage, ms]) => [
      [`${stage}P50Ms`, quantile(ms, 0.5)],
      [`${stage}P99Ms`, quantile(ms, 0.99)],
    ]),
  );
}

function knownOf({ headers, timestamp, value }: KafkaMessage): Known {
  const { data, meta } = JSON.parse(String(value)) as { data: { call?: string }; meta: EventMeta };
  return { meta, type: String(headers?.type), call: data.call, sentAt: Number(timestamp) };
}
