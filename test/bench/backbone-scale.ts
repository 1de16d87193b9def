// One cluster with so many stations, step by step, so that two cores are shared by as few as possible at a time:
// stations to durable with nobody but ingress; then the recorder; then a rebuild; then everybody at the pace of
// every day.

import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openKafkaBus } from '@ampledger/kafka-bus';
import type { KafkaMessage } from 'kafkajs';
import type { Figures } from './backbone-figures.js';
import { startCluster } from './backbone-processes.js';
import { rawProduce, readTopic } from './backbone-raw.js';
import { appendBare, rebuild, record } from './backbone-record.js';
import {
  configure,
  MB,
  meterWithin,
  onTopic,
  QUIET_MS,
  type Running,
  type ScaleOptions,
  startIngress,
} from './backbone-running.js';
import { sizeOf } from './backbone-sizes.js';
import { spanOf, startStations } from './backbone-stations.js';
import { pace } from './backbone-together.js';

const WARM_UP_MS = 3_000;

export async function measureScale(options: ScaleOptions): Promise<Figures> {
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
      const sites = Math.ceil(options.stations / options.perSite);
      await configure(bus, sites, options.perSite);
      const { ingress, url } = await startIngress(cluster);
      const running = { options, cluster, bus, stations, ingress, figures: {} };
      return await steps(running, { url, sites });
    } finally {
      await bus.close();
    }
  } finally {
    stations.close();
    await cluster.close();
  }
}

async function steps(running: Running, { url, sites }: { url: string; sites: number }): Promise<Figures> {
  const { options, figures } = running;
  await connect(running, url, sites);
  await saturate(running);
  if (!options.steps.has('recorder')) return figures;
  const recorder = await record(running);
  if (options.steps.has('rebuild')) await rebuild(running);
  await appendBare(running);
  if (options.steps.has('paced')) await pace(running, recorder);
  return figures;
}

async function connect({ ingress, stations, options, figures }: Running, url: string, sites: number) {
  const before = ingress.usage();
  const { perSite: each } = options;
  const { perS } = await stations.tell({ kind: 'connect', url, sites, each });
  await wait(QUIET_MS);
  const after = ingress.usage();
  figures.connectedPerS = perS;
  figures.ingressIdleMb = before.rssBytes / MB;
  figures.ingressConnectedMb = after.rssBytes / MB;
  figures.connectionKb = (after.rssBytes - before.rssBytes) / 1_024 / (sites * each);
  figures.connectCpuUs = (after.cpuUs - before.cpuUs) / (sites * each);
}

async function saturate({ cluster, stations, ingress, options, bus, figures }: Running): Promise<void> {
  const durationMs = options.seconds * 1_000;
  const load = { name: 'stations', usage: () => stations.usage(), stop: async () => undefined };
  const span = spanOf(WARM_UP_MS, durationMs);
  const [rates, usPerMs] = await Promise.all([
    stations.tell({ kind: 'saturate', ...span }),
    meterWithin(span, ingress, cluster.broker, load),
  ]);
  if (rates.errors > 0) throw new Error(`${rates.errors} messages were answered with an error`);
  const us = (i: number): number => ((usPerMs[i] ?? Number.NaN) * 1_000) / rates.perS;
  const { perS, p50Ms, p99Ms } = rates;
  Object.assign(figures, {
    ingressPerS: perS,
    ingressP50Ms: p50Ms,
    ingressP99Ms: p99Ms,
    ingressUs: us(0),
    brokerUs: us(1),
    loadUs: us(2),
    ingressPerCore: 1e6 / us(0),
  });
  figures.ingressBusyMb = ingress.usage().rssBytes / MB;
  const events = await onTopic(bus);
  figures.kafkaBytes = sizeOf(join(cluster.kafkaDirectory, 'data'), /\.log$/, `${cluster.topic}-`) / events;
  const { messages } = await readTopic(cluster.bootstrap, cluster.topic);
  // The first ones come with the start of a session, and bring no frame of their own.
  const sample = messages.flat().findLast((message) => String(message.headers?.type) === 'MeterSampled');
  const raw = await rawProduce(cluster.bootstrap, shapeOf(sample), durationMs, options.partitions);
  figures.rawProducePerS = raw.perS;
  figures.rawProduceUs = raw.cpuUs;
  figures.valueBytes = sample?.value?.length ?? Number.NaN;
  figures.ingressOfRaw = perS / raw.perS;
}

const shapeOf = (message: KafkaMessage | undefined) => ({
  bytes: message?.value?.length ?? 500,
  headers: Object.fromEntries(
    Object.entries(message?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  ),
});
