// Figures, times and states as people read them. Nothing here reads a clock.

import type { ConnectorView, NodeView, SiteView } from '@ampledger/domain';

const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** At most one decimal, none from a hundred on, never a minus zero. */
export const figure = (value: number): string =>
  (Math.abs(value) >= 100 ? whole : one).format(Math.abs(value) < 0.05 ? 0 : value);

const steady = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
/** A figure that changes all the time keeps its width: one decimal, whatever it is. */
export const reading = (value: number): string =>
  Math.abs(value) < 0.05 ? '0' : Math.abs(value) >= 100 ? whole.format(value) : steady.format(value);

export const amperes = (value: number): string => `${figure(value)} A`;
/** `40 A`, or `40 / 40 / 30 A` where phases differ; behind a delta an envelope and a connector count lines. */
export function phaseAmperes(limitA: readonly number[], wiring: SiteView['wiring']): string {
  const [first] = limitA;
  const words = limitA.every((value) => value === first)
    ? amperes(first ?? 0)
    : `${limitA.map(figure).join(' / ')} A`;
  return wiring === 'delta' ? `${words} per line` : words;
}
export const kilowatts = (watts: number): string => `${figure(watts / 1000)} kW`;
export const quantity = (value: number, unit: 'A' | 'kW'): string => `${figure(value)} ${unit}`;
export const energy = (wattHours: number): string =>
  Math.round(wattHours) < 1000 ? `${whole.format(wattHours)} Wh` : `${figure(wattHours / 1000)} kWh`;

/** `4 s`, `12 min`, `3 h 05 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
  formatters.set(key, made);
  return made;
}

const TIME = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const SECOND = { ...TIME, second: '2-digit' } as const;
const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const;

/** `14:05` at the site. */
export const clockTime = (at: number, timeZone: string): string => formatter(timeZone, TIME).format(at);
/** `14:05:09` at the site. */
export const clockSecond = (at: number, timeZone: string): string => formatter(timeZone, SECOND).format(at);
/** `Mon 2 Mar, 14:05:09` at the site. */
export const dayAndTime = (at: number, timeZone: string): string =>
  `${formatter(timeZone, DAY).format(at).replace(',', '')}, ${clockSecond(at, timeZone)}`;

/** `Mon 2` at the site. */
export const shortDay = (at: number, timeZone: string): string =>
  formatter(timeZone, { weekday: 'short', day: 'numeric' }).format(at);

/** The time of day, with its day when that is not the day of `reference`. */
export function shortMoment(at: number, reference: number, timeZone: string): string {
  const day = formatter(timeZone, DAY);
  const time = clockTime(at, timeZone);
  return day.format(at) === day.format(reference) ? time : `${day.format(at).replace(',', '')}, ${time}`;
}

const SIX_DAYS_MS = 6 * 86_400_000;

/** The same in little room: `Mon 14:05` of a day within a week. */
export function nearMoment(at: number, reference: number, timeZone: string): string {
  const moment = shortMoment(at, reference, timeZone);
  const time = clockTime(at, timeZone);
  if (moment === time || Math.abs(at - reference) > SIX_DAYS_MS) return moment;
  return `${formatter(timeZone, { weekday: 'short' }).format(at)} ${time}`;
}

/** For a list of what happened: the second today, the day before that. */
export const listMoment = (at: number, reference: number, timeZone: string): string => {
  const day = formatter(timeZone, { day: 'numeric', month: 'short', year: 'numeric' });
  return day.format(at) === day.format(reference)
    ? clockSecond(at, timeZone)
    : formatter(timeZone, { day: 'numeric', month: 'short' }).format(at);
};

/** What the car of a DC connector gets of what it is offered: `18.5 / 24 kW`; null for AC. */
export function carPower({ carWattsPerA, ownDrawA, offerA }: ConnectorView): string | null {
  if (carWattsPerA === null) return null;
  const drawn = ownDrawA === null ? '–' : reading((ownDrawA * carWattsPerA) / 1000);
  return `${drawn} / ${kilowatts(offerA * carWattsPerA)}`;
}

export const nodeName = (node: NodeView): string => node.name ?? node.id;
export const siteName = (site: { readonly id: string; readonly name: string | null }): string =>
  site.name ?? site.id;

/** The name of a node by its id, the id itself when the view has no such node. */
export function nameOfNode(view: SiteView, id: string): string {
  const node = view.nodes.find((candidate) => candidate.id === id);
  return node ? nodeName(node) : id;
}

/** A station with a single connector goes by its own name. */
export function connectorName(view: SiteView, connector: Pick<ConnectorView, 'key' | 'station'>): string {
  const station = view.stations.find(({ id }) => id === connector.station);
  return station && station.connectors.length > 1 ? connector.key : connector.station;
}

const SOURCES: Readonly<Record<string, string>> = {
  rating: 'rating',
  static: 'rating',
  operator: 'cap by the operator',
  openadr: 'OpenADR signal',
  oscp: 'OSCP forecast',
  ocpi: 'OCPI limit',
  ems: 'energy management',
};
/** Whose limit it is. */
export const sourceName = (source: string): string => SOURCES[source] ?? source;
