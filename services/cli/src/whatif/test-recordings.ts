// Recordings and logs by hand, for the tests of this folder.

import { type DomainEvent, eventFor, NO_HABITS, type SiteConfig } from '@ampledger/domain';
import { configured, key, SITE, session, siteOf, T0 } from '@ampledger/domain/testing';
import { stationId } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';
import { type Read, type ReadOptions, RecordingReader } from './read-recording.js';
import type { RecordedSession, Recording } from './recording.js';
import type { Rules } from './simulate-sessions.js';

export const HOUR = 3_600_000;
/** Hours after T0. */
export const hour = (hours: number): number => T0 + hours * HOUR;

/** `CP1`, `CP2`, ... with one three-phase connector each behind one node, `grid`. */
export const yard = (
  count: number,
  limitA: number,
  more: Parameters<typeof siteOf>[0] | object = {},
): SiteConfig =>
  siteOf({
    nodes: [{ id: 'grid', limitA }],
    stations: Array.from({ length: count }, (_, i) => ({ id: `CP${i + 1}`, node: 'grid' })),
    ...more,
  });

export function sessionAt(
  station: string,
  fromHour: number,
  toHour: number,
  more: Partial<RecordedSession> = {},
): RecordedSession {
  const wantWh = more.wantWh ?? 10_000;
  return {
    ...{ session: session(station, `t${fromHour}`), transaction: `t${fromHour}`, idToken: null },
    ...{ connector: key(station), arriveAt: hour(fromHour), leaveAt: hour(toHour) },
    ...{ takenWh: wantWh, wantWh, wantKnown: 'full', carMaxA: 16, ownPhases: null, needs: [] },
    ...more,
  };
}

export function recordingOf(
  config: SiteConfig,
  sessions: readonly RecordedSession[],
  more: Partial<Recording> = {},
): Recording & { readonly rules: Rules } {
  return {
    ...{
      site: SITE,
      from: hour(0),
      to: hour(24),
      changes: [],
      sessions,
      habits: NO_HABITS,
      releases: [],
    },
    stations: config.stations.map(({ id }) => ({ station: id, capabilities: null })),
    ...more,
    rules: [{ from: more.from ?? hour(0), config }],
  };
}

/** Seconds after T0, and what happened. */
export type Line = readonly [atS: number, event: DomainEvent];

export function readOf(
  config: SiteConfig,
  lines: readonly Line[],
  options: Partial<ReadOptions> = {},
): Read | null {
  const reader = new RecordingReader({ site: SITE, from: null, to: null, loadMeanMs: 300_000, ...options });
  const all: readonly Line[] = [[0, configured(config)], ...lines];
  for (const [i, [atS, event]] of all.entries()) {
    const made = eventFor({ event, site: SITE, receivedAt: T0 + atS * 1000, idParts: [i] });
    if (!reader.next({ ...made, position: i + 1 } as RecordedEvent)) break;
  }
  return reader.finish();
}

/** A reading of a station's meter: currents on its own phases, and the register. */
export const reading = (
  station: string,
  transaction: string | null,
  [currentA, energyWh]: readonly [readonly [number, number, number], number | null],
): DomainEvent => ({
  type: 'MeterSampled',
  data: {
    ...{
      station: stationId(station),
      evseId: 1,
      currentA,
      energyWh,
      powerW: null,
      socPct: null,
      remarks: [],
    },
    session: transaction === null ? null : session(station, transaction),
  },
});
