// What schedulers are judged on: a month and a week with published figures, and every week in between.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dataFile } from './data-file.js';
import { PERIODS_A_WEEK, readRawSessions, readSessions, type Session, weeksOf } from './sessions.js';
import { PERIOD_MIN, readTopology, type Topology } from './topology.js';

export interface Dataset {
  readonly name: string;
  readonly topology: Topology;
  readonly sessions: readonly Session[];
}

export type Site = 'caltech' | 'jpl';

/** 954 sessions, 8,900.52 kWh. */
export const caltechMarch = (): Dataset => ({
  name: 'caltech 2019-03',
  topology: readTopology(dataFile('topology_caltech.json')),
  sessions: readSessions(dataFile('caltech_2019-03_sessions.csv')),
});

/** 339 sessions, 4,947.73 kWh. */
export const jplWeek = (): Dataset => ({
  name: 'jpl 2019-05-06',
  topology: readTopology(dataFile('topology_jpl.json')),
  sessions: readSessions(dataFile('jpl_2019-05-06_week_sessions.csv')),
});

/** A Monday. Weeks are counted in summer time, so that those of November and December begin at 23:00. */
const ORIGIN = '2019-04-29T00:00:00-07:00';

/**
 * From May to December 2019, each week by itself; a car that stays beyond Sunday belongs to its arrival.
 *
 * @param departures whether schedulers are told when cars will leave, or what the drivers typed in.
 */
export function weeks(site: Site, departures: 'known' | 'declared' = 'known'): readonly Dataset[] {
  const paths = ['2019-05-01_2019-08-31', '2019-09-01_2019-12-31'].map((span) =>
    dataFile(`${site}_${span}.csv.gz`),
  );
  const sessions = readRawSessions(paths, { origin: ORIGIN, departures });
  const topology = readTopology(dataFile(`topology_${site}.json`));
  return [...weeksOf(sessions)].map(([week, inWeek]) => ({
    name: `${site} ${dayOf(week * PERIODS_A_WEEK)}`,
    topology,
    sessions: inWeek,
  }));
}

/** As a day in the origin's own offset. */
function dayOf(period: number): string {
  const localMs = Date.parse(`${ORIGIN.slice(0, -6)}Z`) + period * PERIOD_MIN * 60_000;
  return new Date(localMs).toISOString().slice(0, 10);
}

/** Changes when any of the data does, and not with a checkout's line ends or a formatter's spaces. */
export function hashOfData(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dataFile()).sort()) {
    if (/\.(csv|csv\.gz)$|^topology_/.test(name)) hash.update(name).update(contentOf(name));
  }
  return hash.digest('hex');
}

function contentOf(name: string): string | Buffer {
  const bytes = readFileSync(dataFile(name));
  if (name.endsWith('.gz')) return bytes;
  const content = bytes.toString('utf8');
  return name.endsWith('.json') ? JSON.stringify(JSON.parse(content)) : content.replaceAll('\r\n', '\n');
}
