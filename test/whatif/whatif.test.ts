// `ampledger whatif` on a log that the real services wrote beside perfect simulated stations: the
// simulation of it as it was comes close to what happened, and other rules do what they must.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, main } from '@ampledger/cli';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { perfectLog, writeLog } from './perfect-site.js';

const root = mkdtempSync(join(tmpdir(), 'ampledger-whatif-'));
const data = join(root, 'log');
const LIMIT_A = 60;
/**
 * How far the simulation of it as it was may be from what happened, of the energy: in total, summed over the
 * sessions, and in total where cars go on charging. The cars of the log slow down before they are full, and
 * some pause; those of the simulation do neither.
 */
const WITHIN = { total: 0.02, bySession: 0.04, most: 0.05 };

beforeAll(async () => {
  const options = { seed: 7, stations: 9, limitA: LIMIT_A, meterIntervalS: 60, arrivals: 'busy' } as const;
  await writeLog(data, await perfectLog({ ...options, hours: 6 }));
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function whatif(...args: readonly string[]): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await main(['whatif', ...args]), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

interface Figures {
  readonly servedWh: number;
  readonly askedWh: number;
  readonly sessions: number;
  readonly fairness: number;
  readonly waitedMs: number;
  readonly peaks: readonly { readonly node: string; readonly peakA: readonly number[] }[];
  readonly bound: readonly { readonly by: string; readonly boundMs: number }[];
}

interface Answer {
  readonly happened: Figures;
  readonly simulated: Figures;
  readonly whatIf: Figures | null;
  readonly sessions: readonly {
    readonly happened: { readonly servedWh: number };
    readonly simulated: { readonly servedWh: number };
  }[];
}

async function answer(...args: readonly string[]): Promise<Answer> {
  const { code, stdout, stderr } = await whatif('--data', data, '--json', ...args);
  expect(code, stderr).toBe(EXIT.ok);
  return JSON.parse(stdout) as Answer;
}

describe('as it was', () => {
  it('comes close to what happened, in total and session by session', async () => {
    const { happened, simulated, whatIf, sessions } = await answer();
    expect(whatIf).toBeNull();
    expect(happened.sessions).toBeGreaterThan(30);
    expect(Math.abs(simulated.servedWh / happened.servedWh - 1)).toBeLessThan(WITHIN.total);
    const missWh = sessions.reduce(
      (sum, one) => sum + Math.abs(one.simulated.servedWh - one.happened.servedWh),
      0,
    );
    expect(missWh / happened.servedWh).toBeLessThan(WITHIN.bySession);
    expect(simulated.peaks[0]?.peakA.every((a) => a <= LIMIT_A + 1e-6)).toBe(true);
    const [most] = happened.bound;
    const same = simulated.bound.find(
      (one) => JSON.stringify({ ...one, boundMs: 0 }) === JSON.stringify({ ...most, boundMs: 0 }),
    );
    expect((same?.boundMs ?? 0) / (most?.boundMs ?? 1)).toBeGreaterThan(0.8);
  });

  it('comes close too where cars go on for as long as they stayed', async () => {
    const { happened, simulated } = await answer('--wants', 'most');
    expect(Math.abs(simulated.servedWh / happened.servedWh - 1)).toBeLessThan(WITHIN.most);
  });

  it('is the same every time', async () => {
    expect(await answer('--scale-limit', '0.7')).toEqual(await answer('--scale-limit', '0.7'));
  });
});

describe('other rules', () => {
  it('serve less by a smaller connection, and keep to it', async () => {
    const { simulated, whatIf } = await answer('--scale-limit', '0.5');
    expect(whatIf?.servedWh).toBeLessThan(simulated.servedWh);
    expect(whatIf?.peaks[0]?.peakA.every((a) => a <= LIMIT_A / 2 + 1e-6)).toBe(true);
  });

  it('are those of another site file, and of an envelope', async () => {
    const file = join(root, 'bigger.yaml');
    writeFileSync(
      file,
      'id: bigger\ntimeZone: Europe/Berlin\ngrid:\n  id: grid\n  limit: 200 A\n  stations:\n    - { ids: CP01..CP09 }\n',
    );
    const bigger = await answer('--site', file, '--wants', 'most');
    expect(bigger.whatIf?.servedWh).toBeGreaterThan(bigger.simulated.servedWh);
    const capped = await answer('--envelope', 'grid=12 A');
    expect(capped.whatIf?.peaks[0]?.peakA.every((a) => a <= 12 + 1e-6)).toBe(true);
    expect(capped.whatIf?.bound.every(({ by }) => by === 'what-if')).toBe(true);
  });

  it('print a report, and the sessions as CSV', async () => {
    const csv = join(root, 'sessions.csv');
    const { code, stdout } = await whatif('--data', data, '--policy', 'fair', '--csv', csv);
    expect(code).toBe(EXIT.ok);
    for (const words of [
      'HAPPENED',
      'SIMULATED AS IT WAS',
      'WHAT IF',
      'energy served',
      'policy fair',
      'at least',
    ])
      expect(stdout).toContain(words);
    const lines = readFileSync(csv, 'utf8').trimEnd().split('\r\n');
    const { sessions } = await answer();
    expect(lines.length).toBe(sessions.length + 1);
    const kWh = lines.slice(1).reduce((sum, line) => sum + Number(line.split(',')[6]), 0);
    expect(kWh * 1000).toBeCloseTo(
      sessions.reduce((sum, one) => sum + one.happened.servedWh, 0),
      -2,
    );
    expect((await whatif('--data', data, '--csv', '-')).stdout.split('\r\n')[0]).toBe(lines[0]);
  });
});

describe('what is wrong is said', () => {
  const lacking = join(root, 'lacking.yaml');
  writeFileSync(
    lacking,
    'id: lacking\ntimeZone: Europe/Berlin\ngrid:\n  id: grid\n  limit: 200 A\n  stations:\n    - { ids: CP01..CP05 }\n',
  );

  it.each([
    [['--from', '2031-01-01'], 'no sessions from 2031-01-01'],
    [['--id', 'elsewhere'], 'Is that the id of the site?'],
    [['--site', lacking], 'has no CP06/1, CP07/1, CP08/1, CP09/1'],
    [['--policy', 'greedy'], 'Allowed choices are fair'],
    [['--envelope', 'roof=5 A'], 'no node "roof". It has: grid.'],
    [['--envelope', 'grid=five'], 'expected a limit such as 60 A'],
    [['--from', '2026-03-02', '--to', '2026-03-01'], 'is not after'],
    [['--json', '--csv', '-'], 'Only one of --csv - and --json'],
    [['--scale-limit', '0'], 'expected a factor above 0'],
    [['--scale-limit', '80'], 'did you mean 80 %?'],
  ])('%j: %s', async (args, message) => {
    const { code, stdout, stderr } = await whatif('--data', data, ...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: EXIT.badInput, stdout: '' });
  });
});
