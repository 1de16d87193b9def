// The highest quarter-hour mean of the billing month at the grid connection: what a demand charge is for. Reckoned
// from what is known of the flow there: the meters of loads that nobody controls, and the stations' readings.
//
// What is not known counts nothing, so that a peak is never taken for paid that was none: a silent meter is left out
// from the next quarter-hour on. One addition for each reading; all meters are added up anew at each quarter-hour, so
// that rounding does not pile up.

import type { NodeId } from '@ampledger/kernel';
import { type PlacedConnector, topologyOf } from './links.js';
import { localMonth } from './local-time.js';
import type { NodeConfig } from './site-config.js';
import type { SiteState } from './state.js';

const QUARTER_MS = 900_000;
/** After so many quarter-hours without a word nothing is known of what flowed. */
const QUIET_QUARTERS_MAX = 96;

export interface DemandPeak {
  /** The month (`localMonth`), and since when it is watched; -1: nothing was seen yet. */
  readonly month: number;
  readonly since: number;
  /** Of the quarter-hours of the month that are over, the highest mean, watts. */
  readonly peakW: number;
  /** What flowed in the quarter-hour that runs, watt-milliseconds, until `at`; and what has flowed since, watts. */
  readonly wattMs: number;
  readonly at: number;
  readonly powerW: number;
}

export const NO_PEAK: DemandPeak = { month: -1, since: 0, peakW: 0, wattMs: 0, at: 0, powerW: 0 };

type Known = Pick<SiteState, 'config' | 'loads' | 'connectors' | 'peak'>;

/** What is known at `now`, which is not before the last event: the quarter-hours that are over are in the peak. */
export function peakAt(state: Known, now: number): DemandPeak {
  const { config, peak } = state;
  if (peak.month === -1)
    return {
      ...peak,
      month: localMonth(config.timeZone, now),
      since: now,
      at: now,
      powerW: powerOf(state, now),
    };
  if (now <= peak.at) return peak;
  let rolled = peak;
  for (let n = 0; quarterOf(rolled.at) < quarterOf(now); n++) {
    rolled = ended(state, rolled);
    if (n < QUIET_QUARTERS_MAX || quarterOf(rolled.at) >= quarterOf(now)) continue;
    rolled = begun(state, { ...rolled, at: quarterOf(now) * QUARTER_MS });
  }
  return { ...rolled, wattMs: rolled.wattMs + rolled.powerW * (now - rolled.at), at: now };
}

/** Ends the quarter-hour that runs. */
function ended(state: Known, peak: DemandPeak): DemandPeak {
  const end = (quarterOf(peak.at) + 1) * QUARTER_MS;
  const wattMs = peak.wattMs + peak.powerW * (end - peak.at);
  return begun(state, { ...peak, peakW: Math.max(peak.peakW, wattMs / QUARTER_MS), at: end });
}

/** A quarter-hour begins at `at`, and with it, perhaps, a month. */
function begun(state: Known, peak: DemandPeak): DemandPeak {
  const month = localMonth(state.config.timeZone, peak.at);
  const fresh = month === peak.month ? peak : { ...peak, month, since: peak.at, peakW: 0 };
  return { ...fresh, wattMs: 0, powerW: powerOf(state, peak.at) };
}

/** What an event may change of the flow: some connectors, one node's load, or all. */
export type Touched =
  | { readonly kind: 'connectors'; readonly placed: readonly PlacedConnector[] }
  | { readonly kind: 'load'; readonly node: NodeId }
  | { readonly kind: 'all' };

/** Folds an event that may change the flow: `apply` changes the state. */
export function withPeak(state: SiteState, touched: Touched, at: number, apply: () => void): void {
  state.peak = peakAt(state, at);
  const beforeW = touchedW(state, touched, state.peak.at);
  apply();
  const { peak } = state;
  const byW = touchedW(state, touched, peak.at) - beforeW;
  if (touched.kind === 'all') state.peak = { ...peak, powerW: powerOf(state, peak.at) };
  else if (byW !== 0) state.peak = { ...peak, powerW: peak.powerW + byW };
}

function touchedW(state: Known, touched: Touched, at: number): number {
  switch (touched.kind) {
    case 'connectors':
      return touched.placed.reduce((watts, placed) => watts + drawnW(state, placed, at), 0);
    case 'load': {
      const node = state.config.nodes.find(({ id }) => id === touched.node);
      return node === undefined ? 0 : loadW(state, node, at);
    }
    case 'all':
      return 0;
  }
}

function powerOf(state: Known, at: number): number {
  let watts = 0;
  for (const node of state.config.nodes) watts += loadW(state, node, at);
  for (const placed of topologyOf(state.config).connectors) watts += drawnW(state, placed, at);
  return watts;
}

const quarterOf = (at: number): number => Math.floor(at / QUARTER_MS);
/** Whether a reading is young enough for the quarter-hour of `at`; the same in all of it. */
const isFresh = (readAt: number, staleS: number, at: number): boolean =>
  readAt >= quarterOf(at) * QUARTER_MS - staleS * 1000;

function loadW({ config, loads }: Known, { id, unmanaged }: NodeConfig, at: number): number {
  if (unmanaged.kind === 'none') return 0;
  if (unmanaged.kind === 'constant') return config.voltageV * sum(unmanaged.loadA);
  const read = loads.get(id);
  if (read === undefined || !isFresh(read.at, unmanaged.staleAfterS, at)) return 0;
  return config.voltageV * sum(read.loadA);
}

function drawnW({ config, connectors }: Known, { key, config: wired }: PlacedConnector, at: number): number {
  const meter = connectors.get(key)?.meter ?? null;
  if (meter === null || !isFresh(meter.at, config.control.meterStaleS, at)) return 0;
  const { drawA, exact, phasesShown } = meter;
  if (wired.rotationKnown || wired.current === 'dc') return config.voltageV * sum(drawA);
  // It counts on every phase that it may be on, and flows on no more than it is wired to.
  const phases = exact && phasesShown > 0 ? phasesShown : wired.wiredPhases;
  return config.voltageV * Math.max(...drawA) * phases;
}

const sum = ([a, b, c]: readonly [number, number, number]): number => a + b + c;
