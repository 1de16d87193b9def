// The sites of a cluster under test: equal ones, each with two feeders, so that limits bind at two depths.

import type { SiteConfig } from '@ampledger/domain';
import type { Protocol } from '@ampledger/simulator';
import { parseSiteFile } from '@ampledger/site-file';

export interface TestStation {
  readonly id: string;
  readonly site: string;
  readonly protocol: Protocol;
}

export interface TestSite {
  readonly id: string;
  readonly yaml: string;
  readonly config: SiteConfig;
  readonly stations: readonly TestStation[];
}

/** Amperes for each station, of the 32 that it could take: fallbacks of 6 fit under a cap of `CAP_A` each. */
const GRID_A = 12;
const FEEDER_A = 14;
export const CAP_A = 7;
const FEEDERS = 2;

export const testSites = (sites: number, stationsEach: number): readonly TestSite[] =>
  Array.from({ length: sites }, (_, i) => testSite(`site-${i + 1}`, stationsEach));

function testSite(id: string, count: number): TestSite {
  const stations = Array.from({ length: count }, (_, i): TestStation => {
    const name = `${id}-${String(i + 1).padStart(2, '0')}`;
    return { id: name, site: id, protocol: i % 2 === 0 ? 'ocpp1.6' : 'ocpp2.0.1' };
  });
  const feeders = Array.from({ length: FEEDERS }, (_, feeder) => ({
    name: `feeder-${feeder + 1}`,
    limitA: Math.ceil((FEEDER_A * count) / FEEDERS),
    stations: stations.filter((_station, i) => i % FEEDERS === feeder),
  }));
  const yaml = `
id: ${id}
timeZone: Europe/Berlin
grid:
  id: grid
  limit: ${GRID_A * count} A
  nodes:
${feeders.map(nodeYaml).join('\n')}
defaults:
  connector: { fallback: 6 A }
control:
  lease: 2 min
  raiseInterval: 2 s
  minDwell: 0 s
  meterStale: 60 s
  unseen: absent
`;
  const parsed = parseSiteFile(yaml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return { id, yaml, config: parsed.value, stations };
}

const nodeYaml = (feeder: {
  readonly name: string;
  readonly limitA: number;
  readonly stations: readonly TestStation[];
}): string => `    - id: ${feeder.name}
      limit: ${feeder.limitA} A
      stations:
${feeder.stations.map(({ id }) => `        - id: ${id}`).join('\n')}`;
