// Simulated stations draw what the engine takes the stations of the file to draw.

import { readFileSync } from 'node:fs';
import { connectorsOf, type SiteConfig, wattsPerAmpere } from '@ampledger/domain';
import { createRandom } from '@ampledger/simulator';
import { parseSiteFile } from '@ampledger/site-file';
import { describe, expect, it } from 'vitest';
import { acrossLines, fastCar } from './simulate/drivers.js';
import { stationsOfSite } from './simulated-site.js';

const EXAMPLES = ['campus', 'depot', 'fast-charging', 'garage', 'home-fleet', 'workplace-208'] as const;

function siteOf(text: string): SiteConfig {
  const parsed = parseSiteFile(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}
const example = (name: string): SiteConfig =>
  siteOf(readFileSync(new URL(`../../../examples/${name}.yaml`, import.meta.url), 'utf8'));
const stationIn = (site: SiteConfig, id: string) =>
  stationsOfSite(site, 'both').find((station) => station.id === id);

describe.each(EXAMPLES)('the stations of %s', (name) => {
  const site = example(name);
  const outlets = stationsOfSite(site, 'both').flatMap(({ id, connectors, voltageV }) =>
    connectors.map((outlet) => ({ id, outlet, voltageV: voltageV ?? site.voltageV })),
  );

  it('have the connectors of the file, on as many phases', () => {
    expect(outlets.map(({ id, outlet }) => [id, outlet.evseId, outlet.maxA, outlet.phases.length])).toEqual(
      connectorsOf(site).map(({ station, connector }) => [
        station.id,
        connector.evseId,
        connector.maxA,
        connector.wiredPhases,
      ]),
    );
  });

  it('give at full current the power that the engine reckons with', () => {
    for (const [i, { connector }] of connectorsOf(site).entries()) {
      const { outlet, voltageV } = outlets[i] ?? { outlet: undefined, voltageV: 0 };
      const wired = connector.phases.slice(0, connector.wiredPhases);
      const efficiency = outlet?.dc?.efficiency ?? 1;
      expect((outlet?.phases.length ?? 0) * voltageV * efficiency).toBeCloseTo(
        wattsPerAmpere(site, wired) * connector.efficiency,
        6,
      );
    }
  });
});

describe('a simulated station', () => {
  it('has the steps of the file', () => {
    const site = example('workplace-208');
    expect(stationIn(site, 'P209')?.connectors[0]).toMatchObject({ phases: [2], stepsA: [8, 16, 24, 32] });
    expect(stationIn(site, 'P101')?.connectors[0]).toMatchObject({ phases: [0], stepA: 1 });
  });

  it('shares its cabinet’s modules as the cars get them', () => {
    const { cabinet, connectors } = stationIn(example('fast-charging'), 'HPC1') ?? {};
    expect(cabinet?.powerW).toBeCloseTo(300_000, 3);
    expect(cabinet?.moduleW).toBeCloseTo(30_000, 3);
    expect(connectors).toHaveLength(2);
    expect(stationIn(example('fast-charging'), 'DC1')?.cabinet).toBeUndefined();
  });

  it('is wired somehow where nobody knows', () => {
    const stations = [{ ids: 'A1..A3', phases: 1, rotation: 'unknown' }];
    const site = siteOf(JSON.stringify({ id: 's', timeZone: 'UTC', grid: { limit: '40 A', stations } }));
    const phases = stationsOfSite(site, '1.6').map(({ connectors }) => connectors[0]?.phases);
    expect(phases).toEqual([[0], [1], [2]]);
    const two = [{ ids: 'A1..A3', phases: 2 }];
    const grid = { limit: '40 A', stations: two };
    const turned = stationsOfSite(siteOf(JSON.stringify({ id: 's', timeZone: 'UTC', grid })), '1.6');
    expect(turned.map(({ connectors }) => connectors[0]?.phases)).toEqual([
      [0, 1],
      [1, 0],
      [0, 1],
    ]);
  });
});

describe('cars that suit the outlets', () => {
  const car = {
    phases: 1,
    maxA: 16,
    energyNeedWh: 8_000,
    batteryWh: 20_000,
    says: { energyWh: 8_000, departAt: 1 },
  } as const;

  it('come with more power and a larger need to DC, and say so', () => {
    const fast = fastCar(car, createRandom('x'));
    expect(fast).toMatchObject({ phases: 3, energyNeedWh: 20_000, batteryWh: 50_000 });
    expect(fast.says).toEqual({ energyWh: 20_000, departAt: 1 });
    expect(fast.maxA).toBeGreaterThanOrEqual(70);
  });

  it('hang between two lines of a delta, or on three', () => {
    expect(acrossLines(car).phases).toBe(2);
    expect(acrossLines({ ...car, phases: 3 }).phases).toBe(3);
  });
});
