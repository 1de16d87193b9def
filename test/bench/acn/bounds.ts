// The offline bounds that the benchmark compares with, kept beside the data that they follow from.

import { readFileSync, writeFileSync } from 'node:fs';
import { offlineBound } from './bound.js';
import { dataFile } from './data-file.js';
import { caltechMarch, type Dataset, hashOfData, jplWeek, type Site, weeks } from './datasets.js';

/** Capacities per transformer, as the topology has them. */
export type CapsKw = readonly number[];

export const CALTECH_CAPS: readonly CapsKw[] = [[10], [20], [30], [40], [50]];
export const JPL_CAPS: readonly CapsKw[] = [
  [20, 60],
  [12, 40],
];
/** Capacities for the weeks of a site: none so low or so high that all schedulers are alike. */
export const WEEK_CAPS: Readonly<Record<Site, readonly CapsKw[]>> = {
  caltech: [[10], [20], [40]],
  jpl: [
    [12, 40],
    [20, 60],
  ],
};

export interface Bounds {
  readonly dataHash: string;
  /** `keyOf` → per cent of the energy requested. */
  readonly energyPct: Readonly<Record<string, number>>;
}

export const keyOf = ({ name }: Dataset, caps: CapsKw): string => `${name} @ ${caps.join('/')} kW`;

const FILE = dataFile('bounds.json');

/** Throws an Error when they are not of the data that stand beside them. */
export function readBounds(): Bounds {
  const bounds = JSON.parse(readFileSync(FILE, 'utf8')) as Bounds;
  if (bounds.dataHash !== hashOfData())
    throw new Error('data/bounds.json is of other data: run with --bounds');
  return bounds;
}

/** Takes a few minutes. @param progress called with each line as it is known. */
export async function writeBounds(progress: (line: string) => void): Promise<void> {
  const cases = [
    ...CALTECH_CAPS.map((caps) => [caltechMarch(), caps] as const),
    ...JPL_CAPS.map((caps) => [jplWeek(), caps] as const),
    ...casesOf('caltech'),
    ...casesOf('jpl'),
  ];
  const energyPct: Record<string, number> = {};
  for (const [dataset, caps] of cases) {
    const bound = await offlineBound(dataset.sessions, dataset.topology, caps);
    energyPct[keyOf(dataset, caps)] = Math.round(bound.energyPct * 1e6) / 1e6;
    progress(`${keyOf(dataset, caps)}: ${bound.energyPct.toFixed(6)} %`);
  }
  writeFileSync(FILE, `${JSON.stringify({ dataHash: hashOfData(), energyPct }, null, 2)}\n`);
}

const casesOf = (site: Site) =>
  WEEK_CAPS[site].flatMap((caps) => weeks(site).map((week) => [week, caps] as const));
