// What `ampledger check` says of the example sites: the numbers that the engine reckons with.

import { readFileSync } from 'node:fs';
import { parseSiteFile } from '@ampledger/site-file';
import { describe, expect, it } from 'vitest';
import { siteText } from './site-text.js';

function linesOf(example: string): readonly string[] {
  const path = new URL(`../../../../examples/${example}.yaml`, import.meta.url);
  const parsed = parseSiteFile(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(`${example}: ${JSON.stringify(parsed.error)}`);
  return siteText(parsed.value)
    .split('\n')
    .map((line) => line.trim());
}

describe('a site in words', () => {
  it.each([
    [
      'workplace-208',
      'Harbor office garage (workplace-208), America/Los_Angeles, 208 V between lines (delta): 41 stations, 41 connectors',
    ],
    [
      'workplace-208',
      'transformer: 416.4 A on each line of the transformer’s secondary side, 142.5 kW, 180.4 A on each line of its primary side (ratio 3.997)',
    ],
    ['workplace-208', 'panel-2: 225 A on each line, unmanaged 10/10/0 A on AB/BC/CA'],
    ['workplace-208', 'pod: 80 A on the leg that it feeds'],
    ['workplace-208', 'P209 to P214, 6 stations  1: CA 8-32 A, set to 8 A, 16 A, 24 A, 32 A'],
    [
      'workplace-208',
      'DC1  1: DC 5-24 kW at the car, 14.8-70.9 A of the grid, in steps of 1 kW, priority 10',
    ],
    ['workplace-208', 'Cars that say nothing: want 12 kWh, leave at 17:30'],
    [
      'fast-charging',
      'HPC1  1: DC 30-300 kW at the car, 45.8-457.7 A of the grid, in steps of 30 kW; 2: DC 30-300 kW at the car, 45.8-457.7 A of the grid, in steps of 30 kW',
    ],
    ['fast-charging', 'AC1  1: 3 phases, not known in which order, 6-16 A'],
    ['fast-charging', 'Policy: throughput, the most energy now, whoever gets it'],
    [
      'home-fleet',
      'grid: 35 A, unbalance at most 20 A, may feed back 10 kW, metered load, at most 25 A (silent for 30 s: all of it)',
    ],
    ['home-fleet', 'estate  1: L2L3L1 6-16 A, may feed back 10 kW (14.5 A of the grid)'],
    ['home-fleet', 'Cars that say nothing: want 20 kWh, leave after 8 h or at 07:30, the earlier'],
    ['home-fleet', 'mon-fri 17:00-20:00: 0.38 EUR/kWh'],
    ['home-fleet', 'Starts and changes are delayed by up to 10 min, at random'],
    ['garage', 'Plan: none, every moment by itself'],
  ])('%s: %s', (example, line) => {
    expect(linesOf(example)).toContain(line);
  });

  it('names every station, those that are alike together', () => {
    const text = linesOf('depot').join('\n');
    expect(text).toContain('CP001 to CP030, 30 stations  1: L1L2L3 6-32 A, in silence 6 A');
    expect(text).toContain('CP055 to CP060, 6 stations  1: L1L2L3 6-32 A, in silence 6 A, priority 10');
  });

  it.each([
    [{ phases: 1, rotation: 'unknown' }, {}, 'one phase, not known which, 6-32 A'],
    [{}, {}, '3 phases, not known in which order, 6-32 A'],
    [{ phases: 2 }, {}, 'L1L2, not known in which order, 6-32 A'],
    [{ phases: 1 }, {}, 'L1 6-32 A'],
    [{ rotation: 'L1L2L3', step: '5 A' }, {}, 'L1L2L3 10-30 A, in steps of 5 A'],
    [{ rotation: 'L1L2L3', step: '8 A' }, {}, 'L1L2L3 8-32 A, in steps of 8 A'],
    [{}, { wiring: 'delta' }, '3 lines, not known in which order, 6-32 A'],
  ])('says of %j in %j what is not known of its phases', (station, keys, expected) => {
    const grid = { limit: '40 A', stations: [{ id: 'A', ...station }] };
    const parsed = parseSiteFile(JSON.stringify({ id: 's', timeZone: 'UTC', ...keys, grid }));
    if (!parsed.ok) throw new Error('a good file');
    expect(siteText(parsed.value)).toContain(`A  1: ${expected}`);
  });
});
