// From a meter reading to what the connector draws on the grid's phases.

import { mapPhases, onPhases, type PerPhase, type Phase } from '@ampledger/kernel';
import type { EventData } from './event-types.js';
import { type PlacedConnector, wattsPerAmpere } from './links.js';
import { currentOn, legsOfLines } from './phase-currents.js';
import type { SiteConfig } from './site-config.js';

export interface Draw {
  readonly drawA: PerPhase;
  /** Currents were measured, or follow from the power without a guess; else they are power, spread evenly. */
  readonly exact: boolean;
  /** Each phase that the connector is wired to was measured by itself: what the car uses can be seen. */
  readonly byPhase: boolean;
}

type Reading = EventData<'MeterSampled'>;
type Site = Pick<SiteConfig, 'voltageV' | 'wiring'>;

/** null: the reading says nothing of current or power. */
export function drawOf(
  reading: Reading,
  { config }: Pick<PlacedConnector, 'config'>,
  site: Site,
): Draw | null {
  const { currentA, powerW } = reading;
  // What a DC station reports of currents is on the car's side, and no current of a phase.
  if (config.current === 'dc') return powerW === null ? null : dcDraw(powerW, config, site);
  if (currentA?.some((value) => value !== null)) return ofCurrents(reading, currentA, { config, site });
  if (powerW === null) return null;
  const wired = config.phases.slice(0, config.wiredPhases);
  const ownA = Math.abs(powerW) / wattsPerAmpere(site, wired);
  // On whichever of them it is.
  const drawA =
    wired.length < config.phases.length
      ? onPhases(config.phases, ownA)
      : currentOn(site.wiring, config.phases, ownA);
  return { drawA, exact: wired.length === 1, byPhase: false };
}

/** The grid's side of a DC connector: even on its phases, with the losses of the rectifier. */
function dcDraw(powerW: number, config: PlacedConnector['config'], site: Site): Draw {
  const gridW = Math.abs(powerW) / config.efficiency;
  const drawA = currentOn(site.wiring, config.phases, gridW / wattsPerAmpere(site, config.phases));
  return { drawA, exact: true, byPhase: false };
}

function ofCurrents(
  { remarks }: Reading,
  currentA: NonNullable<Reading['currentA']>,
  { config: { phases, rotationKnown }, site }: { config: PlacedConnector['config']; site: Site },
): Draw {
  const most = Math.max(...currentA.map((value) => Math.abs(value ?? 0)));
  const seen = !remarks.includes('phase-assumed');
  const delta = site.wiring === 'delta';
  // On whichever phase it is, or on a leg that both its lines show.
  if (!rotationKnown || (delta && phases.length < 3))
    return { drawA: onPhases(phases, most), exact: true, byPhase: false };
  if (delta) {
    const lines = mapPhases((p) => Math.abs(currentA[p] ?? most));
    const byPhase = seen && currentA.every((value) => value !== null);
    return { drawA: inStationsOrder(legsOfLines(lines), phases), exact: true, byPhase };
  }
  const byGrid = currentA.some((value, i) => i >= phases.length && (value ?? 0) !== 0);
  const on = (phase: Phase): number | null =>
    currentA[(byGrid ? phase : phases.indexOf(phase)) as Phase] ?? null;
  return {
    drawA: mapPhases((p) => (phases.includes(p) ? Math.abs(on(p) ?? 0) : 0)),
    exact: true,
    byPhase: seen && phases.every((p) => on(p) !== null),
  };
}

/** The station's first phase is the grid's `phases[0]`, and so on. */
const inStationsOrder = (own: PerPhase, phases: readonly Phase[]): PerPhase =>
  mapPhases((p) => own[phases.indexOf(p) as Phase] ?? 0);
