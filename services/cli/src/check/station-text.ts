// Stations and their connectors. Those in a row that differ in nothing but their ids are one line.

import {
  type ConnectorConfig,
  leastSettable,
  phaseWords,
  type SiteConfig,
  type StationConfig,
  settableBelow,
  settableOf,
  wattsPerAmpere,
} from '@ampledger/domain';
import { round } from '../output.js';

/** Two are shorter as two lines. */
const TOGETHER_MIN = 3;

export function stationLines(stations: readonly StationConfig[], site: SiteConfig): readonly string[] {
  const runs: { readonly text: string; readonly ids: string[] }[] = [];
  for (const station of stations) {
    const text = stationText(station, site);
    const last = runs.at(-1);
    if (last?.text === text) last.ids.push(station.id);
    else runs.push({ text, ids: [station.id] });
  }
  return runs.flatMap(({ text, ids }) =>
    ids.length < TOGETHER_MIN
      ? ids.map((id) => `${id}  ${text}`)
      : [`${ids[0]} to ${ids.at(-1)}, ${ids.length} stations  ${text}`],
  );
}

function stationText({ connectors, passwordHash }: StationConfig, site: SiteConfig): string {
  const each = connectors.map((connector) => `${connector.evseId}: ${connectorText(connector, site)}`);
  return `${each.join('; ')}${passwordHash === null ? '' : ' (password)'}`;
}

function connectorText(connector: ConnectorConfig, site: SiteConfig): string {
  const { priority, weight, dischargeA, fallbackA, idleA } = connector;
  const inUnits = connector.current === 'dc' ? atCar(connector, site) : inAmperes;
  return [
    rangeText(connector, site),
    ...stepParts(connector, inUnits),
    ...(dischargeA > 0 ? [`may feed back ${dischargeText(connector, site)}`] : []),
    ...(fallbackA > 0 ? [`in silence ${inUnits(fallbackA)}`] : []),
    ...(idleA > 0 ? [`before its first limit ${inUnits(idleA)}`] : []),
    ...(priority > 0 ? [`priority ${priority}`] : []),
    ...(weight === 1 ? [] : [`weight ${round(weight)}`]),
  ].join(', ');
}

type Words = (amperes: number) => string;
const inAmperes: Words = (amperes) => `${round(amperes)} A`;
const kilowatts = (watts: number): string => `${round(watts / 1000)} kW`;

const wattsPerA = ({ phases, wiredPhases }: ConnectorConfig, site: SiteConfig): number =>
  wattsPerAmpere(site, phases.slice(0, wiredPhases));
/** What the car gets of the grid's amperes. */
const atCar =
  (connector: ConnectorConfig, site: SiteConfig): Words =>
  (amperes) =>
    kilowatts(amperes * wattsPerA(connector, site) * connector.efficiency);

function rangeText(connector: ConnectorConfig, site: SiteConfig): string {
  // What it can really be set to: neither bound need be one of its steps.
  const settable = settableOf(site, connector);
  const [minA, maxA] = [leastSettable(settable, connector), settableBelow(settable, connector.maxA)];
  const range = `${round(minA)}-${round(maxA)} A`;
  if (connector.current === 'ac') return `${phasesText(connector, site)} ${range}`;
  const kW = (amperes: number): string =>
    round((amperes * wattsPerA(connector, site) * connector.efficiency) / 1000);
  return `DC ${kW(minA)}-${kW(maxA)} kW at the car, ${range} of the grid`;
}

function phasesText({ phases, rotationKnown, wiredPhases }: ConnectorConfig, { wiring }: SiteConfig): string {
  const names = phases.map((phase) => phaseWords(wiring, phase)).join(wiring === 'delta' ? '+' : '');
  if (rotationKnown) return names;
  if (wiredPhases === 1) return 'one phase, not known which,';
  const which = wiredPhases < 3 ? names : wiring === 'delta' ? '3 lines' : '3 phases';
  return `${which}, not known in which order,`;
}

function stepParts({ stepA, stepsA }: ConnectorConfig, words: Words): readonly string[] {
  if (stepsA !== null) return [`set to ${stepsA.map((value) => words(value)).join(', ')}`];
  return stepA === 0 ? [] : [`in steps of ${words(stepA)}`];
}

function dischargeText(connector: ConnectorConfig, site: SiteConfig): string {
  const ofGrid = inAmperes(connector.dischargeA);
  const watts = connector.dischargeA * wattsPerA(connector, site);
  return `${kilowatts(watts / connector.efficiency)} (${ofGrid} of the grid)`;
}
