// Builds all states from the event store alone, and compares them with the snapshots and with what runs.

import { CodedError, type SiteId, sleep, systemClock } from '@ampledger/kernel';
import { createKurrentSnapshots, openKurrentStore } from '@ampledger/kurrent-store';
import type { EventStore, SnapshotStore } from '@ampledger/ports';
import { loadSettings, type ToolSettings, toolSettings } from '@ampledger/process';
import {
  type ComparedSite,
  compareRebuilt,
  digestOf,
  type Rebuilt,
  rebuildPartition,
  restorePartition,
  type SiteDigest,
  seqsOf,
} from '@ampledger/recording';
import { z } from 'zod';
import { CliError, EXIT, type ExitCode } from '../exit.js';
import { print, printJson, table } from '../output.js';
import { createProgressBar, type ProgressBar } from '../progress-bar.js';

export interface RebuildFlags {
  readonly against?: readonly string[];
  readonly json?: true;
  readonly [setting: string]: unknown;
}

interface PartitionReport {
  readonly partition: number;
  readonly sites: number;
  readonly events: number;
  readonly seconds: number;
  /** With snapshots: how many events were left to read, and how long it took. */
  readonly sinceSnapshots: number;
  readonly restoredSeconds: number;
  /** Sites whose state from the snapshots differs from the one without. */
  readonly snapshotsDiffer: readonly SiteId[];
  readonly compared: readonly ComparedSite[];
}

interface Source {
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  readonly topic: string;
  readonly partitions: number;
}

const DIGESTS = z.array(z.object({ site: z.string(), seq: z.number(), digest: z.string() })).nullable();
const ASK_MS_MAX = 10_000;
/** What runs may be ahead of what is recorded: the partition is looked at again. */
const TRIES = 5;
const PAUSE_MS = 2_000;

export async function rebuild({ against = [], json, ...flags }: RebuildFlags): Promise<ExitCode> {
  const settings = settingsOrExit(flags);
  if (settings.eventStoreUrl === null)
    throw new CliError(
      EXIT.badInput,
      'Name the event store with --event-store-url or AMPLEDGER_EVENT_STORE_URL.',
    );
  const running = (await Promise.all(against.map(digestsAt))).flat();
  const store = await openKurrentStore({ url: settings.eventStoreUrl, onWarning: () => undefined });
  const bar = createProgressBar(process.stderr);
  try {
    const source: Source = {
      store,
      snapshots: createKurrentSnapshots(store),
      topic: settings.kafkaTopic,
      partitions: settings.partitions,
    };
    const reports: PartitionReport[] = [];
    for (let partition = 0; partition < source.partitions; partition++)
      reports.push(await reportOf(source, partition, running, bar));
    bar.clear();
    const compared = comparedSites(running, reports);
    const holds = reports.every((one) => one.snapshotsDiffer.length === 0) && compared.every(isEqual);
    if (json) await printJson({ holds, partitions: reports, compared });
    else await print(reportText(reports, compared, holds));
    return holds ? EXIT.ok : EXIT.failedCheck;
  } finally {
    bar.clear();
    await store.close();
  }
}

const isEqual = ({ comparison }: ComparedSite): boolean => comparison === 'equal';

function settingsOrExit(flags: Readonly<Record<string, unknown>>): ToolSettings {
  const loaded = loadSettings(toolSettings, { flags });
  if (!loaded.ok) throw new CliError(EXIT.badInput, loaded.error.join('\n'));
  return loaded.value.values;
}

async function digestsAt(url: string): Promise<readonly SiteDigest[]> {
  const address = new URL('/digests', url);
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ASK_MS_MAX) });
    if (!answer.ok) throw new CodedError('NO_ANSWER', `${answer.status} ${answer.statusText}`);
    const digests = DIGESTS.parse(await answer.json()) ?? [];
    return digests.map((one) => ({ ...one, site: one.site as SiteId }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.cannotStart, `${address.href} does not tell what runs there: ${why}`, error);
  }
}

async function reportOf(
  source: Source,
  partition: number,
  running: readonly SiteDigest[],
  bar: ProgressBar,
): Promise<PartitionReport> {
  for (let tries = 1; ; tries++) {
    const { seconds, value: rebuilt } = await timed(() =>
      rebuildPartition({
        ...source,
        partition,
        at: seqsOf(running),
        onProgress: ({ events }) => bar.show(`p${partition} ${events}`, partition, source.partitions),
      }),
    );
    const compared = compareRebuilt(running, rebuilt).filter((one) => one.comparison !== 'unknown');
    if (tries < TRIES && compared.some(({ comparison }) => comparison === 'behind')) {
      await sleep(systemClock, PAUSE_MS);
      continue;
    }
    return { partition, ...(await againstSnapshots(source, partition, rebuilt)), seconds, compared };
  }
}

async function againstSnapshots(source: Source, partition: number, rebuilt: Rebuilt) {
  const toOffset = rebuilt.nextOffset - 1;
  const { seconds, value: restored } = await timed(() =>
    restorePartition({ ...source, partition, toOffset }),
  );
  const sites = new Set([...rebuilt.fold.sites.keys(), ...restored.fold.sites.keys()]);
  const differ = [...sites].filter((site) => {
    const [plain, quick] = [rebuilt.fold.sites.get(site), restored.fold.sites.get(site)];
    return plain === undefined || quick === undefined || digestOf(plain).digest !== digestOf(quick).digest;
  });
  return {
    sites: rebuilt.fold.sites.size,
    events: rebuilt.eventsRead,
    sinceSnapshots: restored.eventsRead,
    restoredSeconds: seconds,
    snapshotsDiffer: differ,
  };
}

async function timed<T>(run: () => Promise<T>): Promise<{ readonly seconds: number; readonly value: T }> {
  const started = performance.now();
  const value = await run();
  return { seconds: (performance.now() - started) / 1000, value };
}

/** A site is in one partition; what no partition has is unknown to the store. */
function comparedSites(
  running: readonly SiteDigest[],
  reports: readonly PartitionReport[],
): readonly ComparedSite[] {
  const found = reports.flatMap(({ compared }) => compared);
  const known = new Set(found.map(({ site }) => site));
  const unknown = running
    .filter(({ site }) => !known.has(site))
    .map(({ site, seq }): ComparedSite => ({ site, seq, comparison: 'unknown' }));
  return [...found, ...unknown];
}

function reportText(
  reports: readonly PartitionReport[],
  compared: readonly ComparedSite[],
  holds: boolean,
): string {
  const rows = reports.map((one) => [
    String(one.partition),
    String(one.sites),
    String(one.events),
    one.seconds.toFixed(1),
    one.seconds > 0 ? String(Math.round(one.events / one.seconds)) : '-',
    String(one.sinceSnapshots),
    one.restoredSeconds.toFixed(1),
    one.snapshotsDiffer.length === 0 ? 'equal' : `DIFFER: ${one.snapshotsDiffer.slice(0, 5).join(', ')}`,
  ]);
  const headings = [
    'PARTITION>',
    'SITES>',
    'EVENTS>',
    'SECONDS>',
    'EVENTS/S>',
    'AFTER SNAPSHOTS>',
    'SECONDS>',
    'SNAPSHOTS',
  ];
  const bad = compared.filter((one) => !isEqual(one));
  return [
    table(headings, rows),
    compared.length === 0
      ? 'Nothing that runs was compared: name processes with --against.'
      : `${compared.length - bad.length} of ${compared.length} running states are equal to the rebuilt ones.`,
    ...bad.slice(0, 20).map(({ site, seq, comparison }) => `${site}, after ${seq} events: ${comparison}`),
    holds ? 'All state follows from the event store.' : 'The states are NOT what the event store says.',
    '',
  ].join('\n');
}
