// Sessions: one car's stay at one EVSE, in periods of five minutes.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { PERIOD_MIN } from './topology.js';

export interface Session {
  readonly id: string;
  readonly evse: string;
  /** The first period in which it may charge. */
  readonly arrival: number;
  /** The first period in which it is gone. */
  readonly departure: number;
  readonly estimatedDeparture: number;
  readonly requestedKwh: number;
  readonly carMaxKw: number;
}

/** The columns of `*_sessions.csv`: periods already counted (see data/SOURCES.md). */
export function readSessions(path: string | URL): readonly Session[] {
  return rowsOf(readFileSync(path, 'utf8'), PERIOD_COLUMNS).map(([line, cells]) => {
    const [id = '', evse = '', arrival, departure, estimated, requested, maxKw] = cells;
    return checked(line, {
      id,
      evse,
      arrival: Number(arrival),
      departure: Number(departure),
      estimatedDeparture: Number(estimated),
      requestedKwh: Number(requested),
      carMaxKw: Number(maxKw),
    });
  });
}

export interface RawOptions {
  /** An instant in ISO 8601; periods count from it. Sessions that arrive before it are left out. */
  readonly origin: string;
  /** Sessions that arrive at this instant or later are left out. */
  readonly end?: string;
  /**
   * `known` (default): the estimate is the departure, as in the published comparison; `declared`: what the
   * driver typed in, which is often wrong.
   */
  readonly departures?: 'known' | 'declared';
}

/**
 * The columns of `*.csv.gz`: instants with their offset from UTC, energies as they happened. The periods are
 * floors; the demand is what was delivered, or what the stay allows at 6.6 kW; a stay that overlaps the one
 * before at its EVSE begins later; stays of no period or no energy are left out.
 *
 * @param paths in the order of time.
 */
export function readRawSessions(paths: readonly (string | URL)[], options: RawOptions): readonly Session[] {
  const originAt = Date.parse(options.origin);
  const endAt = options.end === undefined ? Number.POSITIVE_INFINITY : Date.parse(options.end);
  const free = new Map<string, number>();
  const sessions: Session[] = [];
  const rows = paths.flatMap((path) => rowsOf(gunzipSync(readFileSync(path)).toString('utf8'), RAW_COLUMNS));
  for (const [line, cells] of rows) {
    const [arrivalText = '', departureText = '', , delivered, evse = '', id = '', estimatedText = ''] = cells;
    const arrivalAt = Date.parse(arrivalText);
    if (Number.isNaN(arrivalAt)) throw new Error(`line ${line}: no instant of arrival`);
    if (arrivalAt < originAt || arrivalAt >= endAt) continue;
    const periodOf = (instant: string) => Math.floor((Date.parse(instant) - originAt) / PERIOD_MS);
    const arrival = Math.max(periodOf(arrivalText), free.get(evse) ?? 0);
    const departure = periodOf(departureText);
    if (departure <= arrival) continue;
    free.set(evse, departure);
    const mostKwh = (CAR_MAX_KW * (departure - arrival) * PERIOD_MIN) / 60;
    const estimate = options.departures === 'declared' ? periodOf(estimatedText) : departure;
    const session = {
      id,
      evse,
      arrival,
      departure,
      estimatedDeparture: Math.max(arrival + 1, estimate),
      requestedKwh: Math.min(Number(delivered), mostKwh),
      carMaxKw: CAR_MAX_KW,
    };
    if (session.requestedKwh > 0) sessions.push(checked(line, session));
  }
  return sessions;
}

export const PERIODS_A_WEEK = (7 * 24 * 60) / PERIOD_MIN;

/** By the week of arrival, counted from the sessions' origin; each week's periods begin at 0 again. */
export function weeksOf(sessions: readonly Session[]): ReadonlyMap<number, readonly Session[]> {
  const weeks = new Map<number, Session[]>();
  for (const session of sessions) {
    const week = Math.floor(session.arrival / PERIODS_A_WEEK);
    const shift = week * PERIODS_A_WEEK;
    const shifted = {
      ...session,
      arrival: session.arrival - shift,
      departure: session.departure - shift,
      estimatedDeparture: session.estimatedDeparture - shift,
    };
    const list = weeks.get(week);
    if (list) list.push(shifted);
    else weeks.set(week, [shifted]);
  }
  return weeks;
}

const PERIOD_MS = PERIOD_MIN * 60_000;
const CAR_MAX_KW = 6.6;
const PERIOD_COLUMNS =
  'session_id,station_id,arrival_period_5min,departure_period_5min,estimated_departure_period,requested_kwh,battery_max_kw,battery_capacity_kwh,battery_init_kwh';
const RAW_COLUMNS =
  'arrival,departure,requested_energy (kWh),delivered_energy (kWh),station_id,session_id,estimated_departure,claimed';

/** Line numbers with cells; no value in these files holds a comma or a quote. */
function rowsOf(csv: string, columns: string): readonly (readonly [number, readonly string[]])[] {
  const [header, ...lines] = csv.split(/\r?\n/);
  if (header !== columns) throw new Error(`the columns are not ${columns}`);
  const width = columns.split(',').length;
  return lines.flatMap((text, i) => {
    if (text === '') return [];
    const cells = text.split(',');
    if (cells.length !== width) throw new Error(`line ${i + 2}: ${cells.length} cells instead of ${width}`);
    return [[i + 2, cells] as const];
  });
}

function checked(line: number, session: Session): Session {
  const { id, evse, arrival, departure, estimatedDeparture, requestedKwh, carMaxKw } = session;
  const refuse = (why: string) => new Error(`line ${line}: ${why}`);
  if (id === '' || evse === '') throw refuse('no session or no EVSE');
  if (![arrival, departure, estimatedDeparture].every(Number.isSafeInteger)) throw refuse('no period');
  if (arrival < 0 || departure <= arrival) throw refuse('it leaves before it comes');
  if (estimatedDeparture <= arrival) throw refuse('its estimate is before it comes');
  if (!(requestedKwh > 0) || !Number.isFinite(requestedKwh)) throw refuse('no energy');
  if (!(carMaxKw > 0)) throw refuse('no power');
  return session;
}
