// From a meter reading to what the connector draws on the grid's phases.

import { mapPhases, maxPhases, onPhases, type PerPhase, PHASES, type Phase } from '@ampledger/kernel';
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
  /** On how many phases (behind a delta: legs) it shows a current, whichever they are; 0 where it does not tell them apart. */
  readonly phasesShown: number;
}

/** More than this is a current that flows, not noise. */
const FLOWS_A = 1;
/** A current that is surely one: a meter may show some noise where nothing is connected. */
const CLEAR_A = 1.5;

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
  const drawA = config.rotationKnown
    ? currentOn(site.wiring, config.phases, ownA)
    : onPhases(config.phases, ownA);
  return { drawA, exact: wired.length === 1, byPhase: false, phasesShown: 0 };
}

/** The grid's side of a DC connector: even on its phases, with the losses of the rectifier. */
function dcDraw(powerW: number, config: PlacedConnector['config'], site: Site): Draw {
  const gridW = Math.abs(powerW) / config.efficiency;
  const drawA = currentOn(site.wiring, config.phases, gridW / wattsPerAmpere(site, config.phases));
  return { drawA, exact: true, byPhase: false, phasesShown: 0 };
}

type Currents = NonNullable<Reading['currentA']>;

function ofCurrents(
  { remarks }: Reading,
  currentA: Currents,
  { config: { phases, rotationKnown }, site }: { config: PlacedConnector['config']; site: Site },
): Draw {
  const most = Math.max(...currentA.map((value) => Math.abs(value ?? 0)));
  const seen = !remarks.includes('phase-assumed');
  const delta = site.wiring === 'delta';
  // On a leg that both its lines show.
  if (delta && phases.length < 3)
    return { drawA: onPhases(phases, most), exact: true, byPhase: false, phasesShown: 1 };
  const legs = delta ? legsOfLines(mapPhases((p) => Math.abs(currentA[p] ?? most))) : null;
  const complete = seen && currentA.every((value) => value !== null);
  const shown = legs === null ? seen : complete;
  const flows = (legs ?? currentA).filter((value) => Math.abs(value ?? 0) > FLOWS_A);
  const common = { exact: true, phasesShown: shown ? flows.length : 0 };
  // On whichever phase it is.
  if (!rotationKnown) return { ...common, drawA: onPhases(phases, most), byPhase: false };
  if (legs !== null) return { ...common, drawA: inStationsOrder(legs, phases), byPhase: complete };
  const { drawA, byPhase } = onWired(currentA, phases);
  return { ...common, drawA, byPhase: seen && byPhase };
}

/**
 * The phases that a station is wired to, from a meter that names them in the station's order or, where they are
 * fewer than three, in the grid's. Only a current where one of the two has no phase tells which; else each phase
 * has the larger of both, and what it has is only told where they agree.
 */
function onWired(currentA: Currents, phases: readonly Phase[]): Pick<Draw, 'drawA' | 'byPhase'> {
  const read = (placeOf: (phase: Phase) => number): Pick<Draw, 'drawA' | 'byPhase'> => {
    const on = (phase: Phase): number | null => currentA[placeOf(phase) as Phase] ?? null;
    return {
      drawA: mapPhases((p) => (phases.includes(p) ? Math.abs(on(p) ?? 0) : 0)),
      byPhase: phases.every((p) => on(p) !== null),
    };
  };
  const own = read((phase) => phases.indexOf(phase));
  if (phases.length === 3) return own;
  const clear = PHASES.filter((i) => Math.abs(currentA[i] ?? 0) >= CLEAR_A);
  const maybeOwn = clear.every((i) => i < phases.length);
  const maybeGrid = clear.every((i) => phases.includes(i));
  if (maybeOwn && !maybeGrid) return own;
  const grid = read((phase) => phase);
  if (maybeGrid && !maybeOwn) return grid;
  const agree = PHASES.every((p) => own.drawA[p] === grid.drawA[p]);
  return { drawA: maxPhases(own.drawA, grid.drawA), byPhase: agree && own.byPhase && grid.byPhase };
}

/** The station's first phase is the grid's `phases[0]`, and so on. */
const inStationsOrder = (own: PerPhase, phases: readonly Phase[]): PerPhase =>
  mapPhases((p) => own[phases.indexOf(p) as Phase] ?? 0);
