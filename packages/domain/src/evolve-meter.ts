// Meters: what a connector draws, how much of its offer its car takes, and whether it keeps to it.

import { type ConnectorKey, connectorKey, type SessionId } from '@ampledger/kernel';
import { carPerAmpere, type LearnedPhases, observeCount, observePhases } from './car-phases.js';
import { observeStamp, orderingStamp } from './clock-lag.js';
import { ledgerInput } from './counted.js';
import { type Draw, drawOf } from './draw.js';
import type { EventData } from './event-types.js';
import { touch, updateConnector } from './evolve.js';
import { drawsAfterAll, reopen } from './evolve-session.js';
import { acceptedA, besideA, exceeds, isOverdrawn, type LedgerInput, ownDrawA } from './ledger.js';
import { type PlacedConnector, topologyOf } from './links.js';
import type { ConnectorState, SiteState, UsageState } from './state.js';
import { evolveUsage } from './usage.js';

export function evolveMeter(
  state: SiteState,
  data: EventData<'MeterSampled'>,
  meta: { readonly receivedAt: number; readonly stationAt?: number },
): void {
  const key = connectorKey(data.station, data.evseId);
  const placed = topologyOf(state.config).byKey.get(key);
  const before = state.connectors.get(key);
  if (!placed || !before) return;
  if (data.energyWh !== null && data.session !== null) recordEnergy(state, key, data.session, data.energyWh);
  const live = stampIsLive(state, data, meta);
  const draw = drawOf(data, placed, state.config);
  const stationAt = orderingStamp(meta.receivedAt, meta.stationAt);
  if (draw === null || !live || !isNewest(before, stationAt)) return;
  const { drawA, exact, phasesShown } = draw;
  const concluded = Math.max(...drawA) < FLOWS_A ? null : drawsAfterAll(before, data.session, stationAt);
  if (concluded !== null) reopen(state, key, concluded);
  else if (data.session !== null && before.ended.includes(data.session)) return;
  const input = ledgerInput(state, placed);
  const overdrawn = isOverdrawn(input, ownDrawA(input, drawA), meta.receivedAt);
  if (overdrawn || before.meter?.overdrawn) touch(state);
  const meter = { at: meta.receivedAt, stationAt, drawA, exact, phasesShown, overdrawn };
  updateConnector(state, key, (c) => ({ ...c, meter }));
  evolveUse(state, placed, input, draw);
}

/** Whether a sample tells of the present, by the station's clock; what the stamp says of it is kept. */
function stampIsLive(
  state: SiteState,
  { station: id, remarks }: EventData<'MeterSampled'>,
  { receivedAt, stationAt }: { readonly receivedAt: number; readonly stationAt?: number },
): boolean {
  if (remarks.includes('offline') || remarks.includes('transaction-data')) return false;
  const station = state.stations.get(id);
  if (stationAt === undefined || station === undefined) return true;
  const { clock, live } = observeStamp(station, { receivedAt, stationAt });
  state.stations.set(id, { ...station, ...clock });
  return live;
}

/** A car that draws this is there. */
const FLOWS_A = 1.5;

/** An older sample never takes the place of a newer one (lesson of the field). */
function isNewest({ meter }: ConnectorState, stamp: number | null): boolean {
  const last = meter?.stationAt ?? null;
  return stamp === null || last === null || stamp >= last;
}

/** What the reading says of the car: how much it takes of its offer, on which phases, and whether it obeys. */
function evolveUse(state: SiteState, placed: PlacedConnector, before: LedgerInput, draw: Draw): void {
  const input = ledgerInput(state, placed);
  const { connector } = input;
  const at = connector.meter?.at ?? state.receivedAt;
  const ownA = ownDrawA(input, draw.drawA);
  const usage = withPhases(evolveUsage(input, ownA, at), {
    ...observePhases(before, draw, at),
    ...observeCount(before, draw),
  });
  const disobeys = countGood(connector, input, ownA, at);
  if (usage.capA !== connector.usage.capA) touch(state);
  if (usage !== connector.usage || disobeys !== connector.disobeys)
    state.connectors.set(placed.key, { ...connector, usage, disobeys });
  if (countsElsewhere(before, ledgerInput(state, placed), at)) touch(state);
}

type Shown = LearnedPhases & Pick<UsageState, 'phasesMost' | 'onFewer'>;

const withPhases = (usage: UsageState, shown: Shown): UsageState =>
  usage.phases === shown.phases &&
  usage.seen === shown.seen &&
  usage.changed === shown.changed &&
  usage.phasesMost === shown.phasesMost &&
  usage.onFewer === shown.onFewer
    ? usage
    : { ...usage, ...shown };

/** What flows on a phase that the car does not use is noise, up to this. */
const NOISE_A = 0.5;

/** Whether the ledger counts the connector on other phases than before the reading, or more beside them. */
function countsElsewhere(before: LedgerInput, after: LedgerInput, at: number): boolean {
  if (before.config.phases.length === 1) return false;
  if (carPerAmpere(before, at) !== carPerAmpere(after, at)) return true;
  const [was, is] = [besideA(before, at), besideA(after, at)];
  return is.some((value, p) => Math.abs(value - (was[p] ?? 0)) >= NOISE_A);
}

/** A disobeying connector shows that it obeys again when it keeps to a limit below its rating. */
function countGood(
  connector: ConnectorState,
  input: LedgerInput,
  drawA: number,
  at: number,
): ConnectorState['disobeys'] {
  const { disobeys } = connector;
  if (disobeys === null) return null;
  const limitA = acceptedA(input, at);
  const shows = limitA !== null && drawA > 0 && !exceeds(drawA, limitA) && limitA < input.config.maxA;
  return { ...disobeys, goodSamples: shows ? disobeys.goodSamples + 1 : 0 };
}

export function recordEnergy(
  state: SiteState,
  key: ConnectorKey,
  session: SessionId,
  energyWh: number,
): void {
  // The end of a session may be heard after the connector was seen without a car.
  if (state.connectors.get(key)?.ended.includes(session) !== true)
    return recordRunning(state, key, session, energyWh);
  state.recentSessions = state.recentSessions.map((ended) =>
    ended.id === session
      ? { ...ended, meterLastWh: Math.max(ended.meterLastWh ?? energyWh, energyWh) }
      : ended,
  );
}

function recordRunning(state: SiteState, key: ConnectorKey, session: SessionId, energyWh: number): void {
  updateConnector(state, key, (c) => {
    if (c.session?.id !== session) return c;
    const meterStartWh = c.session.meterStartWh ?? energyWh;
    const meterLastWh = Math.max(c.session.meterLastWh ?? energyWh, energyWh);
    return { ...c, session: { ...c.session, meterStartWh, meterLastWh } };
  });
}
