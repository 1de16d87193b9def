import { siteConfigSchema } from '@ampledger/domain';
import { describe, expect, test } from 'vitest';
import { parseSiteFile } from './parse-site-file.js';
import { formatProblems } from './problem.js';

const MINIMAL = `
id: garage
timeZone: Europe/Berlin
grid:
  limit: 80 A
  stations:
    - id: CP001
`;

const parsed = (text: string) => {
  const result = parseSiteFile(text);
  if (!result.ok) throw new Error(formatProblems(result.error, text));
  expect(siteConfigSchema.safeParse(result.value).success).toBe(true);
  return result.value;
};
const problems = (text: string) => {
  const result = parseSiteFile(text);
  return result.ok
    ? []
    : result.error.map((p) => `${p.line}:${p.column} ${p.path}: ${p.message} | ${p.expected}`);
};

describe('a small site', () => {
  test('defaults are filled in', () => {
    expect(parsed(MINIMAL)).toEqual({
      id: 'garage',
      timeZone: 'Europe/Berlin',
      voltageV: 230,
      wiring: 'wye',
      nodes: [
        {
          id: 'grid',
          parent: null,
          limitA: [80, 80, 80],
          limitW: null,
          reserveA: 0,
          unmanaged: { kind: 'none' },
          transformer: null,
          unbalanceA: null,
          exportA: null,
          exportW: null,
        },
      ],
      stations: [
        {
          id: 'CP001',
          node: 'grid',
          passwordHash: null,
          connectors: [
            {
              evseId: 1,
              phases: [0, 1, 2],
              minA: 6,
              maxA: 32,
              priority: 0,
              weight: 1,
              fallbackA: 0,
              idleA: 0,
              current: 'ac',
              efficiency: 1,
              stepA: 0,
              stepsA: null,
              dischargeA: 0,
              rotationKnown: false,
              wiredPhases: 3,
            },
          ],
        },
      ],
      control: {
        leaseS: 600,
        minDwellS: 900,
        deadbandA: 1,
        raiseIntervalS: 30,
        meterStaleS: 300,
        obeyWithinS: 20,
        unseen: 'full',
      },
      policy: 'balanced',
      needs: { energyWh: null, stayS: null, departMinute: null, learn: true },
      plan: null,
    });
  });

  test('JSON says the same', () => {
    const json = {
      id: 'garage',
      timeZone: 'Europe/Berlin',
      grid: { limit: '80 A', stations: [{ id: 'CP001' }] },
    };
    expect(parsed(JSON.stringify(json, null, 2))).toEqual(parsed(MINIMAL));
  });
});

describe('the tree', () => {
  const site = parsed(`
id: s
timeZone: UTC
grid:
  id: main
  limit: { current: [80 A, 63 A, 80 A], power: 50 kW }
  reserve: 2 A
  unmanaged: { meter: true, max: 40 A, staleAfter: 2 min }
  nodes:
    - id: a
      name: Feeder A
      limit: 55 kW
      unmanaged: [1 A, 2 A, 3 A]
      nodes: [{ id: a-panel, stations: [{ id: CP1, limit: 20 A, connectors: [{ id: 1 }, { id: 2 }] }] }]
    - { id: cp1 }
  stations: [{ ids: X08..X10 }]
`);

  test('is flattened, parents first, stations with a fuse at the end', () => {
    expect(site.nodes.map(({ id, parent }) => `${id}<${parent}`)).toEqual([
      'main<null',
      'a<main',
      'a-panel<a',
      'cp1<main',
      'cp1-2<a-panel',
    ]);
    expect(site.stations.map(({ id, node }) => `${id}@${node}`)).toEqual([
      'X08@main',
      'X09@main',
      'X10@main',
      'CP1@cp1-2',
    ]);
  });

  test('limits and unmanaged loads', () => {
    expect(site.nodes[0]).toMatchObject({
      limitA: [80, 63, 80],
      limitW: 50_000,
      reserveA: 2,
      unmanaged: { kind: 'metered', maxA: [40, 40, 40], staleAfterS: 120 },
    });
    expect(site.nodes[1]).toMatchObject({
      name: 'Feeder A',
      limitA: null,
      limitW: 55_000,
      unmanaged: { kind: 'constant', loadA: [1, 2, 3] },
    });
    expect(site.nodes[4]).toMatchObject({ name: 'CP1', limitA: [20, 20, 20] });
  });
});

describe('phases and rotation', () => {
  const phases = (station: object, defaults: object = {}) =>
    parsed(
      JSON.stringify({
        id: 's',
        timeZone: 'UTC',
        grid: { limit: '80 A', stations: [{ id: 'S', ...station }] },
        defaults: { connector: defaults },
      }),
    ).stations[0]?.connectors.map((c) => c.phases.map((p) => p + 1).join(''));

  test.each([
    [{}, {}, ['123']],
    [{ phases: 1 }, {}, ['1']],
    [{ rotation: 'L2L3L1' }, {}, ['231']],
    [{ rotation: 'L2' }, {}, ['2']],
    [{ rotation: 'L2L3L1', connectors: [{ id: 1 }, { id: 2, phases: 1 }] }, {}, ['231', '2']],
    [{ phases: 1, connectors: [{ id: 1, rotation: 'L3' }] }, {}, ['3']],
    [{ connectors: [{ id: 1, rotation: 'L3L1' }] }, { phases: 1 }, ['31']],
    [{ phases: 2 }, { rotation: 'L3L1L2' }, ['31']],
  ])('%j below %j', (station, defaults, expected) => {
    expect(phases(station, defaults)).toEqual(expected);
  });
});

describe('problems name the line, the path and what was expected', () => {
  const HEAD = 'id: s\ntimeZone: UTC\ngrid:\n';
  test.each([
    ['', '1:1 : the file is empty | a site with'],
    [
      '# nothing\n',
      '1:1 : the file is empty | a site with id, name, timeZone, voltage, wiring, grid, defaults, control, policy, needs, plan',
    ],
    ['[]', '1:1 : a list does not fit here | a site with'],
    ['id: s\ntimeZone: UTC\n', '1:1 grid: `grid` is missing | the grid connection with'],
    ['id: S\ntimeZone: UTC\ngrid: { limit: 1 A }', '1:5 id: `S` does not fit here | lower-case'],
    [
      'id: s\ntimeZone: Mars/Olympus\ngrid: { limit: 1 A }',
      '2:11 timeZone: is no time zone | a time zone of the IANA database',
    ],
    [`${HEAD}  stations: []`, '3:1 grid.limit: `limit` is missing | a limit, such as `80 A`'],
    [`${HEAD}  limit: 80`, '4:10 grid.limit: 80 has no unit | a limit, such as `80 A`'],
    [`${HEAD}  limit: 80 V`, '4:10 grid.limit: `80 V` is no current or power in range'],
    [`${HEAD}  limit: {}`, '4:10 grid.limit: says neither `current` nor `power`'],
    [
      `${HEAD}  limit: { current: 5 kW }`,
      '4:21 grid.limit.current: `5 kW` is a power | a current, such as `32 A`',
    ],
    [
      `${HEAD}  limit: { curent: 5 A }`,
      '4:12 grid.limit.curent: unknown key `curent`; did you mean `current`? | one of: current, power',
    ],
    [`${HEAD}  limit: [5 A, 5 A, five]`, '4:21 grid.limit[2]: `five`: `five` is no unit'],
    [`${HEAD}  limit: -5 A`, '4:10 grid.limit: `-5 A` is no current or power in range'],
    [
      `${HEAD}  limit: 9 A\n  staions: []`,
      '5:3 grid.staions: unknown key `staions`; did you mean `stations`? | one of: id, limit,',
    ],
    [
      `${HEAD}  limit: 9 A\n  stations:\n    - { id: 17 }`,
      '6:13 grid.stations[0].id: 17 does not fit here | text of letters',
    ],
    [
      `${HEAD}  limit: 9 A\n  stations:\n    - { max: 9 A }`,
      '6:7 grid.stations[0]: `id` is missing | either `id: CP001`',
    ],
    [
      `${HEAD}  limit: 9 A\n  stations:\n    - { id: A, ids: A1..A2 }`,
      '6:7 grid.stations[0]: `id` and `ids` exclude each other',
    ],
    [
      `${HEAD}  limit: 9 A\n  stations:\n    - { ids: A5..A2 }`,
      '6:14 grid.stations[0].ids: `A5..A2` runs backwards',
    ],
    [
      `${HEAD}  limit: 9 A\n  stations:\n    - { id: A }\n    - { id: A }`,
      '7:13 grid.stations[1].id: station id `A` is taken',
    ],
    [
      `${HEAD}  limit: 9 A\n  stations:\n    - { ids: A1..A3 }\n    - { ids: A3..A4 }`,
      '7:14 grid.stations[1].ids: station id `A3` is taken',
    ],
    [`${HEAD}  limit: 9 A\n  nodes:\n    - { id: grid }`, '6:13 grid.nodes[0].id: node id `grid` is taken'],
    [`${HEAD}  limit: 9 A\n  nodes:\n    - { name: x }`, '6:7 grid.nodes[0].id: `id` is missing'],
    [`${HEAD}  limit: 9 A\n  nodes:`, '5:9 grid.nodes: is empty | a list of nodes'],
    [`${HEAD}  limit: 9 A\n  unmanaged: { max: 5 A }`, '5:3 grid.unmanaged.meter: `meter` is missing'],
    [`${HEAD}  limit: 9 A\n  unmanaged: soon`, '5:14 grid.unmanaged: `soon`: `soon` is no unit'],
    [
      `${HEAD}  limit: 9 A\ncontrol: { lease: 10 s }`,
      '5:19 control.lease: `10 s` is out of range | a time from 30 s to 24 h',
    ],
    [`${HEAD}  limit: 9 A\ncontrol: { lease: 10 }`, '5:19 control.lease: 10 has no unit'],
    [`${HEAD}  limit: 9 A\nvoltage: 0`, '5:10 voltage: `0` is out of range'],
    [`${HEAD}  limit: 9 A\nid: t`, '5:1 id: `id` is written twice | each key once'],
  ])('%j', (text, expected) => {
    expect(problems(text)).toEqual([expect.stringContaining(expected)]);
  });

  const connector = (keys: string) =>
    `${HEAD}  limit: 90 A\n  stations:\n    - id: A\n      connectors:\n        - { id: 1, ${keys} }`;
  const AT = 'grid.stations[0].connectors[0]';
  test.each([
    ['min: 20 A, max: 10 A', `8:25 ${AT}.min: \`min\` (20 A) is above \`max\` (10 A)`],
    ['max: 4 A', `8:25 ${AT}.max: \`min\` (6 A) is above \`max\` (4 A)`],
    ['max: 0 A', `8:25 ${AT}.max: \`0 A\` is out of range | more than zero`],
    [
      'fallback: 5 A',
      `8:30 ${AT}.fallback: fallback 5 A is more than zero and less than \`min\` | 0 A, or from 6 A to 32 A`,
    ],
    ['fallback: 40 A', `8:30 ${AT}.fallback: fallback 40 A is more than zero and more than \`max\``],
    ['idle: 1 A', `8:26 ${AT}.idle: idle 1 A is more than zero and less than \`min\``],
    ['phases: 3, rotation: L2', `8:41 ${AT}.rotation: rotation \`L2\` does not match 3 phases`],
    ['phases: 1, rotation: L1L2', `8:41 ${AT}.rotation: rotation \`L1L2\` does not match 1 phase`],
    ['rotation: L1L1', `8:30 ${AT}.rotation: \`L1L1\` does not fit here`],
    ['weight: 0', `8:28 ${AT}.weight: 0 does not fit here | a weight`],
    ['priority: 1.5', `8:30 ${AT}.priority: 1.5 does not fit here | a priority`],
    ['phases: 4', `8:28 ${AT}.phases: 4 does not fit here | 1, 2 or 3 phases`],
  ])('a connector with %s', (keys, expected) => {
    expect(problems(connector(keys))).toEqual([expect.stringContaining(expected)]);
  });

  test('a station with the same connector twice', () => {
    expect(
      problems(`${HEAD}  limit: 9 A\n  stations:\n    - { id: A, connectors: [{ id: 1 }, { id: 1 }] }`),
    ).toEqual([expect.stringContaining('6:46 grid.stations[0].connectors[1].id: connector id 1 is taken')]);
  });

  test('a wrong default is one problem, at its place', () => {
    const text = `${HEAD}  limit: 900 A\n  stations: [{ ids: A1..A50 }, { ids: B1..B50 }]\ndefaults: { connector: { idle: 3 A } }`;
    expect(problems(text)).toEqual([expect.stringContaining('6:32 defaults.connector.idle: idle 3 A')]);
  });

  test('several problems come together, in the order of the file', () => {
    const text = `${HEAD}  limit: 1 B\n  reserve: x\n  stations:\n    - { id: A, max: 3 V }\nvoltage: no`;
    expect(problems(text).map((line) => line.split(':')[0])).toEqual(['4', '5', '7', '8']);
  });

  test('a tree may be 32 nodes deep and no deeper', () => {
    const tree = (depth: number): object =>
      depth === 1 ? { id: 'n1' } : { id: `n${depth}`, nodes: [tree(depth - 1)] };
    const text = (depth: number) =>
      JSON.stringify({ id: 's', timeZone: 'UTC', grid: { ...tree(depth), limit: '9 A' } });
    expect(parsed(text(32)).nodes).toHaveLength(32);
    expect(problems(text(33))).toEqual([expect.stringContaining('the tree is more than 32 nodes deep')]);
  });
});

describe('how problems are printed', () => {
  test('like a compiler', () => {
    const text = MINIMAL.replace('80 A', '80 apples');
    const result = parseSiteFile(text, { fileName: 'garage.yaml' });
    expect(result.ok ? '' : formatProblems(result.error, text)).toBe(
      [
        'garage.yaml:5:10: grid.limit: `80 apples`: `apples` is no unit (known: A, mA, kA, W, kW, MW, VA, kVA, MVA, V, kV, s, min, h, Wh, kWh, MWh)',
        '  expected a limit, such as `80 A`, `[80 A, 63 A, 80 A]`, `55 kW` or `{ current: 80 A, power: 50 kW }`',
        '  5 |   limit: 80 apples',
        '    |          ^',
      ].join('\n'),
    );
  });

  test('a password in the clear is refused and never repeated', () => {
    for (const password of [
      'hunter2hunter2hunter2',
      '"1234567890123456"',
      '1234567890123456',
      '[topsecret1234567]',
    ]) {
      const text = `${MINIMAL}      password: ${password}\n`;
      const result = parseSiteFile(text);
      if (result.ok) throw new Error('accepted');
      expect(result.error).toHaveLength(1);
      expect(JSON.stringify(result.error) + formatProblems(result.error, text)).not.toContain(
        password.replace(/["[\]]/g, ''),
      );
    }
  });

  test('nor is one behind a misspelt key', () => {
    const text = `${MINIMAL}      passwort: hunter2hunter2hunter2\n`;
    const result = parseSiteFile(text);
    expect(result.ok ? '' : formatProblems(result.error, text)).toMatch(
      /unknown key `passwort`; did you mean `password`\?[\s\S]*passwort: \*{21}\n/,
    );
  });

  test('a very long line is cut around the place', () => {
    const text = `{ id: s, timeZone: UTC, grid: { limit: 9 A, stations: [${'{ id: A, max: 9 A }, '.repeat(50)}] } }`;
    const result = parseSiteFile(text);
    const printed = result.ok ? '' : formatProblems(result.error.slice(-1), text);
    const [, , line = '', caret = ''] = printed.split('\n');
    expect(line.length).toBeLessThan(200);
    expect(line.slice(caret.indexOf('^')).startsWith('A, max')).toBe(true);
  });
});
